package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Failure;
import io.divvy.protocol.ResultValues;
import io.divvy.worker.LeaseQueue.Batch;

/** Hears what becomes of the batch that a slot has. */
interface BatchReports {
    /**
     * Results that follow those before.
     *
     * @throws UnfitResultException if no message holds the results; then none of them is kept
     */
    void answer(int slot, Batch batch, long from, ResultValues values) throws UnfitResultException;

    /** What all of it was folded to. Returns false, with nothing sent, if no message holds it. */
    boolean answerFolded(int slot, Batch batch, JsonNode combined);

    /** A subtask failed, and all below it is answered. */
    void failed(int slot, long index, SubtaskFailure failure);

    /** Code of a task type failed: that may put the whole process in doubt. */
    void doubtAfter(Failure failure);

    /** Something could not be said: the connection makes no sense any more. */
    void breakOff(String reason);
}
