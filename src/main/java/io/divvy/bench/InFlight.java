package io.divvy.bench;

import java.io.IOException;
import java.util.concurrent.Semaphore;

/** Bounds how many jobs a sender has given out and not had back. */
final class InFlight {
    private final Semaphore free;

    InFlight(int most) {
        this.free = new Semaphore(most);
    }

    /** For a sender that gives out all it has at once. */
    static InFlight unbounded() {
        return new InFlight(Integer.MAX_VALUE);
    }

    /** Waits until one more job may be given out. What the sender has buffered is sent before it waits. */
    void begin(RawConnection sender) throws IOException, InterruptedException {
        if (!free.tryAcquire()) {
            sender.out().flush();
            free.acquire();
        }
    }

    /** A job came back. */
    void end() {
        free.release();
    }
}
