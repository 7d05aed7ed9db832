package io.divvy.testing;

import io.divvy.net.Clock;
import java.util.concurrent.locks.ReentrantLock;

/** A clock that stands still until a test turns it. */
public final class ManualClock implements Clock {
    private final ReentrantLock turning = new ReentrantLock();
    /** Some moment in 2026. */
    private long nowMs = 1_780_000_000_000L;

    private long elapsedMs;

    @Override
    public long nowMs() {
        turning.lock();
        try {
            return nowMs;
        } finally {
            turning.unlock();
        }
    }

    @Override
    public long elapsedMs() {
        turning.lock();
        try {
            return elapsedMs;
        } finally {
            turning.unlock();
        }
    }

    /** Turned at once: nobody gets anywhere meanwhile who goes by this clock, but for what {@code meanwhile} does. */
    void advanceMs(long ms, Runnable meanwhile) {
        turning.lock();
        try {
            meanwhile.run();
            nowMs += ms;
        } finally {
            turning.unlock();
        }
    }

    /** The same, and who goes by this clock can tell that so much time passed in which it got nowhere. */
    void standStillMs(long ms, Runnable meanwhile) {
        turning.lock();
        try {
            meanwhile.run();
            nowMs += ms;
            elapsedMs += ms;
        } finally {
            turning.unlock();
        }
    }
}
