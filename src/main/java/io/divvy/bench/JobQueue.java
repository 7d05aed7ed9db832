package io.divvy.bench;

import org.HdrHistogram.Histogram;

/** Something that keeps each job on disk: Divvy, or a queue that people use for it. */
interface JobQueue {
    String name();

    /**
     * Gives out that many jobs, each one subtask of {@link SquareRange}, with a bounded number of them in flight, has all of
     * them done, and adds the answers up.
     *
     * @param inFlight jobs that the sender has given out and has no answer of; the workers hold as many together at most
     * @param waitsNanos gets how long workers waited for work, where that can be told
     * @return the sum modulo 2^64
     */
    long runJobs(int jobs, int workers, int inFlight, Histogram waitsNanos) throws Exception;
}
