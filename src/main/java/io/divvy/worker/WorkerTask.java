package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.ToWorker.TaskDescription;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A task as a worker knows it. */
final class WorkerTask {
    private static final double WEIGHT = 0.2;

    private final TaskDescription description;
    private final TaskType type;

    /** Made by this worker's own split, or null if payloads come with each lease. */
    private final @Nullable Subtasks derived;

    private volatile boolean cancelled;
    /** An exponentially weighted mean, 0 while it is not known. Slots race to update it: any of their values will do. */
    private volatile double subtaskNanos;

    WorkerTask(TaskDescription description, TaskType type) {
        this.description = description;
        this.type = type;
        this.derived = derive(description, type);
    }

    private static @Nullable Subtasks derive(TaskDescription description, TaskType type) {
        try {
            Subtasks subtasks = type.split(description.params(), description.subtasks());
            return subtasks.count() == description.subtasks() ? subtasks : null;
        } catch (InvalidParamsException | RuntimeException e) {
            return null;
        }
    }

    String id() {
        return description.taskId();
    }

    TaskType type() {
        return type;
    }

    /** Whether its payloads can be made here. */
    boolean isDerivable() {
        return derived != null;
    }

    /** @param payloads as they came with the lease that starts at {@code leaseFrom}, or null */
    JsonNode payload(long index, long leaseFrom, @Nullable List<JsonNode> payloads) {
        if (payloads != null) {
            return payloads.get((int) (index - leaseFrom));
        }
        if (derived == null) {
            throw new IllegalStateException("a lease of task " + id() + " came without payloads");
        }
        return derived.payload(index);
    }

    /** 0 for none. */
    long subtaskTimeoutMs() {
        Long timeoutMs = description.subtaskTimeoutMs();
        return timeoutMs == null ? 0 : timeoutMs;
    }

    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    void measured(double nanosPerSubtask) {
        double known = subtaskNanos;
        subtaskNanos = known == 0 ? nanosPerSubtask : WEIGHT * nanosPerSubtask + (1 - WEIGHT) * known;
    }

    /** How long one subtask takes, or 0 while that is not known. */
    double subtaskNanos() {
        return subtaskNanos;
    }
}
