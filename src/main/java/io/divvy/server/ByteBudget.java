package io.divvy.server;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that several may take, up to a bound. From any thread. */
final class ByteBudget {
    private final long most;
    private final AtomicLong taken = new AtomicLong();

    ByteBudget(long most) {
        this.most = most;
    }

    boolean take(long bytes) {
        if (taken.addAndGet(bytes) <= most) {
            return true;
        }
        taken.addAndGet(-bytes);
        return false;
    }

    /** The same; but what is alone may take more than there is, so that nothing is too large for ever. */
    boolean takeAlone(long bytes) {
        long all = taken.addAndGet(bytes);
        if (all <= most || all == bytes) {
            return true;
        }
        taken.addAndGet(-bytes);
        return false;
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }

    long taken() {
        return taken.get();
    }
}
