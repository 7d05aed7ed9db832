package io.divvy.server;

import io.divvy.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/** How the core's effects reach one worker, whatever dialect it speaks. */
interface WorkerDoor {
    /** Before a task's first lease. */
    void describe(String taskId, TaskWork work, long subtasks);

    /** @param payloads null for a type that the worker derives */
    void assign(long lease, String taskId, long from, long to, @Nullable PayloadText payloads);

    void revoke(long lease, long from);

    /** @param lease null for an offer */
    void acknowledge(@Nullable Long lease, String taskId, long from, long to);

    void cancelWork(String taskId);

    void forget(String taskId);

    void refuse(ErrorCode code, String message);

    void drop(String reason);
}
