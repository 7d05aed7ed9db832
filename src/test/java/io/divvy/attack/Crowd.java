package io.divvy.attack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads of an attack. Each does the same again and again, whatever becomes of its connections, until the process ends.
 */
final class Crowd {
    /** After a connection that was cut or refused: else a server that is gone would cost more than one that answers. */
    private static final long AFTER_CUT_NANOS = 10_000_000;

    private final Target target;
    private final List<String> prepared;
    private final Tally tally = new Tally();

    /** @param prepared what {@link Attack.Preparation} gave */
    Crowd(Target target, List<String> prepared) {
        this.target = target;
        this.prepared = prepared;
    }

    @FunctionalInterface
    interface Deed {
        void run() throws IOException;
    }

    Target target() {
        return target;
    }

    List<String> prepared() {
        return prepared;
    }

    Tally tally() {
        return tally;
    }

    void each(int threads, Deed deed) {
        for (int number = 0; number < threads; number++) {
            start(() -> {
                while (true) {
                    oneTime(deed);
                }
            });
        }
    }

    static void start(Runnable code) {
        Thread thread = new Thread(code, "attacker");
        thread.setDaemon(true);
        thread.start();
    }

    private void oneTime(Deed deed) {
        try {
            deed.run();
        } catch (UncheckedIOException | IOException e) {
            cut();
        }
    }

    private void cut() {
        tally.add("cut", 1);
        LockSupport.parkNanos(AFTER_CUT_NANOS);
    }

    static void pauseMs(long ms) {
        LockSupport.parkNanos(ms * 1_000_000);
    }
}
