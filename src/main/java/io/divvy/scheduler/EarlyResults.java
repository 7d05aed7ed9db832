package io.divvy.scheduler;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Results that came before those below them, and wait to be folded, of all tasks together. When they take much, nothing fresh
 * is leased of the tasks that have some: what is below them is leased all the same, so they drain. What workers have by then
 * may still come; when that takes too much, the task with the most has to go.
 */
final class EarlyResults {
    private final Limits limits;
    /** Tasks that have some. */
    private final Set<TaskState> holders = new LinkedHashSet<>();

    private long bytes;
    private boolean isFull;

    EarlyResults(Limits limits) {
        this.limits = limits;
    }

    void add(TaskState task, long partBytes) {
        task.bufferedBytes += partBytes;
        bytes += partBytes;
        holders.add(task);
        isFull |= bytes >= limits.bufferedResultBytes();
    }

    void remove(TaskState task, long partBytes) {
        task.bufferedBytes -= partBytes;
        bytes -= partBytes;
        if (task.bufferedBytes == 0) {
            holders.remove(task);
        }
    }

    /** The task ended: nothing of it waits any more. */
    void end(TaskState task) {
        remove(task, task.bufferedBytes);
    }

    /** Whether a task that has some gets nothing fresh. */
    boolean isFull() {
        return isFull;
    }

    /**
     * Lets tasks have something fresh again, if there is room: from half of what makes it full, so that not every result
     * changes it.
     */
    void settle(Consumer<TaskState> refresh) {
        if (isFull && bytes <= limits.bufferedResultBytes() / 2) {
            isFull = false;
            List.copyOf(holders).forEach(refresh);
        }
    }

    /** The task that has the most, if all have more than there may be; else null. Of equals the one that was submitted first. */
    @Nullable
    TaskState excessive() {
        if (bytes <= limits.earlyResultBytes()) {
            return null;
        }
        TaskState most = null;
        for (TaskState task : holders) {
            if (most == null
                    || task.bufferedBytes > most.bufferedBytes
                    || task.bufferedBytes == most.bufferedBytes && task.sequence < most.sequence) {
                most = task;
            }
        }
        return most;
    }

    long bytes() {
        return bytes;
    }
}
