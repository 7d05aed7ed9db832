package io.divvy.worker;

import io.divvy.protocol.FromWorker;

/** What is to be done because of something that a {@link WorkerCore} was told. */
sealed interface WorkerEffect {
    /**
     * A message to the server on the present connection.
     *
     * @param inCompany whether it may wait a little for others: there is more to do at once
     */
    record Send(FromWorker message, boolean inCompany) implements WorkerEffect {}

    /** The present connection makes no sense any more, and is to be ended. */
    record BreakOff(String reason) implements WorkerEffect {}
}
