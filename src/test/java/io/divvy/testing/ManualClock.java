package io.divvy.testing;

import io.divvy.net.Clock;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until a test turns it. */
public final class ManualClock implements Clock {
    /** Some moment in 2026. */
    private final AtomicLong nowMs = new AtomicLong(1_780_000_000_000L);

    @Override
    public long nowMs() {
        return nowMs.get();
    }

    void advanceMs(long ms) {
        nowMs.addAndGet(ms);
    }
}
