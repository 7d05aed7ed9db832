package io.divvy.scheduler;

import org.jspecify.annotations.Nullable;

/** Says whether there is room for a new task. */
final class Admission {
    private final Limits limits;
    private int openTasks;
    /** What all of them take. */
    private long openBytes;

    /** Why the store takes no new tasks now, or null. */
    private @Nullable String storeFailure;

    Admission(Limits limits) {
        this.limits = limits;
    }

    /** Why a new task of that size is not taken, or null. */
    @Nullable
    Refusal refusal(TaskSize size) {
        if (storeFailure != null) {
            return busy(storeFailure);
        }
        if (openTasks >= limits.openTasks()) {
            return busy("the server has " + limits.openTasks() + " unfinished tasks, as many as it takes; try again");
        }
        if (size.subtasks() < 0 || size.subtasks() > limits.subtasksPerTask()) {
            Refusal.Kind kind = size.subtasks() < 0 ? Refusal.Kind.INVALID_TASK : Refusal.Kind.LIMIT_EXCEEDED;
            return Refusal.of(
                    kind, "the task has " + size.subtasks() + " subtasks; expected 0 to " + limits.subtasksPerTask());
        }
        if (size.bytes() > limits.openTaskBytes()) {
            return Refusal.of(
                    Refusal.Kind.LIMIT_EXCEEDED,
                    "the task takes " + size.bytes() + " bytes of memory, and all unfinished tasks may take "
                            + limits.openTaskBytes()
                            + " together; submit it in parts, keep large data elsewhere and say"
                            + " where, or give the server more memory");
        }
        if (openBytes + size.bytes() > limits.openTaskBytes()) {
            return busy("the unfinished tasks take " + openBytes + " of the " + limits.openTaskBytes()
                    + " bytes of memory that they may, and there is no room for another " + size.bytes()
                    + "; try again");
        }
        return null;
    }

    /** An open task takes another size from now on, unless there is no room for it; then this says why. */
    @Nullable
    Refusal resize(TaskState task, long sizeBytes) {
        if (storeFailure != null) {
            return busy(storeFailure);
        }
        long growthBytes = sizeBytes - task.sizeBytes;
        if (growthBytes > 0 && openBytes + growthBytes > limits.openTaskBytes()) {
            return busy("the unfinished tasks take " + openBytes + " of the " + limits.openTaskBytes()
                    + " bytes of memory that they may, and there is no room for another " + growthBytes
                    + "; try again, or with shorter labels");
        }
        openBytes += growthBytes;
        task.sizeBytes = sizeBytes;
        return null;
    }

    Refusal busy(String message) {
        return new Refusal(Refusal.Kind.BUSY, message, limits.busyRetryMs());
    }

    /** A task is there, however much there was before: one that was accepted by a former server goes on. */
    void add(TaskState task) {
        openTasks++;
        openBytes += task.sizeBytes;
    }

    void remove(TaskState task) {
        openTasks--;
        openBytes -= task.sizeBytes;
    }

    /** @param message why nothing new is taken, or null if all is well again */
    void storeFails(@Nullable String message) {
        storeFailure = message;
    }

    /** What all open tasks take in memory. */
    long openBytes() {
        return openBytes;
    }
}
