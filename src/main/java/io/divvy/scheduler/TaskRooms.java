package io.divvy.scheduler;

import io.divvy.scheduler.TaskRoom.Bounds;
import io.divvy.state.TaskFailure;
import java.util.List;

/**
 * What workers make tasks grow by, beside what each of them was charged when it was submitted: each kind has bytes that all
 * tasks share.
 */
final class TaskRooms {
    /** A task is held back if it has more than one of so many parts of what makes it scarce for all. */
    private static final int MODEST_TASKS = 64;

    private final Limits limits;
    /** Results that came before those below them, and wait to be folded. */
    final TaskRoom early;
    /** What is known of single subtasks: open chunks, the gaps between what is done, and what went wrong. */
    final TaskRoom subtasks;
    /** Ranges of failed subtasks of tasks that go on without them. */
    final TaskRoom failedRanges;

    /** What is remembered of failed attempts, for people. */
    final FailureRoom failures;

    /** There is nothing to forget before so much more is known: who looks has to look at all of it. */
    private long nextForgetBytes;

    TaskRooms(Limits limits) {
        this.limits = limits;
        this.early = new TaskRoom(new Bounds(limits.bufferedResultBytes(), limits.earlyResultBytes(), 0, 0));
        long scarce = limits.subtaskBytes() / 2;
        this.subtasks = new TaskRoom(new Bounds(
                scarce,
                limits.subtaskBytes(),
                Math.max(SubtaskBytes.TRIFLE, scarce / MODEST_TASKS),
                SubtaskBytes.TRIFLE));
        this.failedRanges = new TaskRoom(Bounds.untilItsEnd(limits.failedRangeBytes()));
        this.failures = new FailureRoom(limits.failureBytes());
    }

    /** Where more is taken than may be, the tasks that have the most of it fail; where there is room again, tasks go on. */
    void enforce(TaskLifecycle tasks) {
        if (subtasks.isScarce()) {
            forgetMereSuspects(tasks);
        } else {
            nextForgetBytes = 0;
        }
        bound(early, tasks);
        bound(subtasks, tasks);
        bound(failedRanges, tasks);
        goOn(early, tasks);
        goOn(subtasks, tasks);
    }

    /** A task that a former server left takes what it takes: it goes on, however much that is. */
    void takeAllThatIsThere() {
        early.takeAllThatIsThere();
        subtasks.takeAllThatIsThere();
        failedRanges.takeAllThatIsThere();
    }

    /**
     * Workers with very many slots died: better that some of what they ran is suspected one time less than that it keeps
     * others from going on.
     */
    private void forgetMereSuspects(TaskLifecycle tasks) {
        if (subtasks.bytes() < nextForgetBytes) {
            return;
        }
        for (TaskState task : subtasks.holders()) {
            long tooMuch = subtasks.bytes() - limits.subtaskBytes() / 4;
            if (tooMuch > 0 && task.histories.forgetMereSuspects(tooMuch / SubtaskBytes.HISTORY + 1) > 0) {
                tasks.moved(task);
            }
        }
        nextForgetBytes = subtasks.bytes() + limits.subtaskBytes() / (2 * MODEST_TASKS);
    }

    private void bound(TaskRoom room, TaskLifecycle tasks) {
        for (TaskState most = room.excessive(); most != null; most = room.excessive()) {
            tasks.fail(most, TaskFailure.of(TaskFailure.Code.LIMIT_EXCEEDED, tooMuch(room, most)));
        }
    }

    private static void goOn(TaskRoom room, TaskLifecycle tasks) {
        List<TaskState> released = room.relax();
        if (released != null) {
            released.forEach(tasks::moved);
        }
    }

    private String tooMuch(TaskRoom room, TaskState most) {
        if (room == early) {
            return "results that wait for those of lower subtasks take more than the " + limits.earlyResultBytes()
                    + " bytes that they may in all tasks together, and this task has the most of them, "
                    + most.early.bytes() + " bytes; let the subtasks return less, or give the server more memory";
        }
        if (room == subtasks) {
            return "what is known of single subtasks, as failed attempts and what is done out of order, takes more than"
                    + " the " + limits.subtaskBytes()
                    + " bytes that it may in all tasks together, and this task has the most of it, "
                    + most.known.bytes() + " bytes; see why its subtasks fail, or give the server more memory";
        }
        return "separate ranges of failed subtasks take more than the " + limits.failedRangeBytes()
                + " bytes that they may in all tasks together, and this task has the most of them, "
                + most.indexes.failedRangeCount() + "; see why its subtasks fail, or give the server more memory";
    }
}
