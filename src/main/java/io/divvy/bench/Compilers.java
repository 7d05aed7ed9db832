package io.divvy.bench;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Just-in-time compilers of a server. Until they have next to nothing to do, they take as much of the machine as the server
 * itself, for a time that depends on how much code there is, and hardly on how fast it is.
 */
final class Compilers {
    /** At most, as what is loaded may never be compiled whole. */
    private static final int MOST_ROUNDS = 10;

    /** The part of a processor that compilers may take of a warm server. */
    private static final double MOST_LOAD = 0.05;

    private Compilers() {}

    /** Loads a server for a while. */
    @FunctionalInterface
    interface Round {
        void run() throws Exception;
    }

    /**
     * Loads a server, round after round, until it is compiled.
     *
     * @param probe of the server, or null if its process cannot be looked into: then nothing is done
     * @param round of half a second or more, as compilers pause too
     */
    static void warmUp(@Nullable ServerProbe probe, Round round) throws Exception {
        for (int done = 0; probe != null && done < MOST_ROUNDS; done++) {
            Duration before = probe.compilerTime();
            long startNanos = System.nanoTime();
            round.run();
            double seconds = Rounds.seconds(startNanos);
            if (probe.compilerTime().minus(before).toMillis() < 1_000 * MOST_LOAD * seconds) {
                return;
            }
        }
    }
}
