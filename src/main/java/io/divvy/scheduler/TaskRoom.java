package io.divvy.scheduler;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Memory that tasks share, for something that workers make grow. When it becomes scarce, nothing fresh is leased of the tasks
 * that have much of it, and when it becomes very scarce, of any that has more than a trifle: what was leased before goes on, so
 * it drains. What workers have by then may still come; when that takes too much, the task with the most has to go.
 */
final class TaskRoom {
    private final Bounds bounds;
    /** Those of tasks that have some. */
    private final Set<Account> holders = new LinkedHashSet<>();

    private long bytes;
    /** As many as there may be, or more, where that is what was found. */
    private long allowedBytes;

    private Level level = Level.PLENTY;

    /**
     * @param scarce bytes of all tasks together, from which on those are held back that have more than {@code much}
     * @param most bytes of all tasks together, from which on the one with the most has to go; halfway between the two, those
     *     are held back that have more than {@code trifle}
     */
    record Bounds(long scarce, long most, long much, long trifle) {
        /** Nobody is held back, as what there is does not become less before its task ends. */
        static Bounds untilItsEnd(long most) {
            return new Bounds(Long.MAX_VALUE, most, Long.MAX_VALUE, Long.MAX_VALUE);
        }

        long veryScarce() {
            return scarce + (most - scarce) / 2;
        }
    }

    private enum Level {
        PLENTY,
        SCARCE,
        VERY_SCARCE
    }

    TaskRoom(Bounds bounds) {
        this.bounds = bounds;
        this.allowedBytes = bounds.most;
    }

    /** What one task has of it. */
    static final class Account {
        private final TaskRoom room;
        private final TaskState task;
        private long bytes;

        private Account(TaskRoom room, TaskState task) {
            this.room = room;
            this.task = task;
        }

        long bytes() {
            return bytes;
        }

        /** So many bytes more, or less. */
        void change(long by) {
            set(bytes + by);
        }

        void set(long newBytes) {
            long by = newBytes - bytes;
            if (by == 0) {
                return;
            }
            if (bytes == 0) {
                room.holders.add(this);
            } else if (newBytes == 0) {
                room.holders.remove(this);
            }
            bytes = newBytes;
            room.changed(by);
        }

        /** Whether its task gets nothing fresh. */
        boolean isHeldBack() {
            return switch (room.level) {
                case PLENTY -> false;
                case SCARCE -> bytes > room.bounds.much;
                case VERY_SCARCE -> bytes > room.bounds.trifle;
            };
        }
    }

    Account open(TaskState task) {
        return new Account(this, task);
    }

    private void changed(long by) {
        bytes += by;
        if (bytes >= bounds.scarce) {
            level = level == Level.VERY_SCARCE || bytes >= bounds.veryScarce() ? Level.VERY_SCARCE : Level.SCARCE;
        }
    }

    /**
     * Lets tasks have something fresh again, if there is room: from half of what makes it scarce, so that not every result
     * changes it. Returns those that may have been held back; null if nothing has changed.
     */
    @Nullable
    List<TaskState> relax() {
        boolean isLess = level == Level.VERY_SCARCE && bytes < bounds.scarce
                || level == Level.SCARCE && bytes <= bounds.scarce / 2;
        if (!isLess) {
            return null;
        }
        level = bytes <= bounds.scarce / 2 ? Level.PLENTY : Level.SCARCE;
        return holders();
    }

    /** Whether some tasks are held back. */
    boolean isScarce() {
        return level != Level.PLENTY;
    }

    /** Tasks that have some. */
    List<TaskState> holders() {
        return holders.stream().map(account -> account.task).toList();
    }

    /** Nobody has to go for what is there now. */
    void takeAllThatIsThere() {
        allowedBytes = Math.max(allowedBytes, bytes);
    }

    /** The task that has the most, if all have more than there may be; else null. Of equals the one that was submitted first. */
    @Nullable
    TaskState excessive() {
        if (bytes <= bounds.most) {
            allowedBytes = bounds.most;
        }
        if (bytes <= allowedBytes) {
            return null;
        }
        Account most = null;
        for (Account account : holders) {
            if (most == null
                    || account.bytes > most.bytes
                    || account.bytes == most.bytes && account.task.sequence < most.task.sequence) {
                most = account;
            }
        }
        return most == null ? null : most.task;
    }

    long bytes() {
        return bytes;
    }
}
