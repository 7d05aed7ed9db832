package io.divvy.scheduler;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Results that are not durable yet, of all tasks together. When they take much, nothing is leased of the tasks that have more
 * than a modest share of that: whoever waits for the store because of large results does so alone. Others go on, until the
 * modest shares of all together take as much too.
 */
final class UnsavedResults {
    /** A task with fewer bytes than the bound divided by this does not wait for what others have. */
    private static final long MODEST_TASKS = 64;

    private final long mostBytes;
    private final long modestBytes;
    /** Tasks that have more than a modest share. */
    private final Set<TaskState> large = new LinkedHashSet<>();
    /** Tasks that have come to have more, or less again. */
    private final Set<TaskState> changed = new LinkedHashSet<>();

    private long bytes;
    /** Those of modest tasks, and of each of the others as much as a modest one may have. */
    private long modest;

    private boolean isMuch;

    UnsavedResults(Limits limits) {
        this.mostBytes = limits.unsavedResultBytes();
        this.modestBytes = mostBytes / MODEST_TASKS;
    }

    /** So many bytes more of the task, or less. */
    void change(TaskState task, long by) {
        long before = task.unsaved.heldBytes;
        long after = before + by;
        task.unsaved.heldBytes = after;
        bytes += by;
        modest += Math.min(after, modestBytes) - Math.min(before, modestBytes);
        if (before <= modestBytes && after > modestBytes) {
            large.add(task);
            changed.add(task);
        } else if (before > modestBytes && after <= modestBytes) {
            large.remove(task);
            changed.add(task);
        }
    }

    /** Whether nothing is leased of any task. */
    boolean isFull() {
        return modest >= mostBytes;
    }

    /** Says of which tasks nothing is leased now. */
    void updateHeldBack(Consumer<TaskState> refresh) {
        if (isMuch != bytes >= mostBytes) {
            isMuch = !isMuch;
            changed.addAll(large);
        }
        if (changed.isEmpty()) {
            return;
        }
        List<TaskState> told = List.copyOf(changed);
        changed.clear();
        for (TaskState task : told) {
            boolean isHeldBack = isMuch && task.unsaved.heldBytes > modestBytes;
            if (task.unsaved.isHeldBack != isHeldBack) {
                task.unsaved.isHeldBack = isHeldBack;
                if (task.isActive()) {
                    refresh.accept(task);
                }
            }
        }
    }

    long bytes() {
        return bytes;
    }
}
