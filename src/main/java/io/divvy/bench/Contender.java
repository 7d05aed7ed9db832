package io.divvy.bench;

import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Something that shares out subtasks among workers: Divvy, or a queue that people use for it. */
interface Contender {
    String name();

    /**
     * Gives out that many subtasks of {@link SquareRange}, has all of them answered, and adds the answers up.
     *
     * @param window how many subtasks a worker holds at once
     * @param waitsNanos gets how long workers waited for work, where that can be told
     * @return the sum modulo 2^64
     */
    long run(int subtasks, int workers, int window, Histogram waitsNanos) throws Exception;

    /** The processor time that its server has used since it started; null if it is not a process of this machine. */
    @Nullable
    Duration processorTime();
}
