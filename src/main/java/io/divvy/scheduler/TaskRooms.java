package io.divvy.scheduler;

import io.divvy.scheduler.TaskRoom.Bounds;
import java.util.function.Consumer;

/**
 * What workers make tasks grow by, beside what each of them was charged when it was submitted: each kind has bytes that all
 * tasks share.
 */
final class TaskRooms {
    /** A task may have so many of all that is known of single subtasks, however scarce it is. */
    private static final int MODEST_TASKS = 64;

    private final Limits limits;
    /** Results that came before those below them, and wait to be folded. */
    final TaskRoom early;
    /** What is known of single subtasks: open chunks, the gaps between what is done, and what went wrong. */
    final TaskRoom subtasks;
    /** Ranges of failed subtasks of tasks that go on without them. */
    final TaskRoom failedRanges;

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
    }

    /** Where more is taken than may be, the tasks that have the most of it fail; where there is room again, tasks go on. */
    void settle(TaskLifecycle tasks) {
        bound(early, tasks, this::tooEarly);
        forgetMereSuspects();
        bound(subtasks, tasks, this::tooManySubtasks);
        bound(failedRanges, tasks, this::tooManyFailed);
        Consumer<TaskState> moved = tasks::moved;
        early.settle(moved);
        subtasks.settle(moved);
    }

    /** A worker with very many slots died: better that some of what it ran is suspected one time less than that a task fails. */
    private void forgetMereSuspects() {
        TaskState most = subtasks.excessive();
        while (most != null && most.histories.forgetMereSuspects()) {
            most = subtasks.excessive();
        }
    }

    private interface Words {
        String of(TaskState task);
    }

    private static void bound(TaskRoom room, TaskLifecycle tasks, Words words) {
        for (TaskState most = room.excessive(); most != null; most = room.excessive()) {
            tasks.fail(most, TaskFailure.of(TaskFailure.Code.LIMIT_EXCEEDED, words.of(most)));
        }
    }

    private String tooEarly(TaskState most) {
        return "results that wait for those of lower subtasks take more than the " + limits.earlyResultBytes()
                + " bytes that they may in all tasks together, and this task has the most of them, "
                + most.early.bytes() + " bytes; let the subtasks return less, or give the server more memory";
    }

    private String tooManySubtasks(TaskState most) {
        return "what is known of single subtasks, as failed attempts and what is done out of order, takes more than the "
                + limits.subtaskBytes() + " bytes that it may in all tasks together, and this task has the most of it, "
                + most.known.bytes() + " bytes; see why its subtasks fail, or give the server more memory";
    }

    private String tooManyFailed(TaskState most) {
        return "separate ranges of failed subtasks take more than the " + limits.failedRangeBytes()
                + " bytes that they may in all tasks together, and this task has the most of them, "
                + most.failedRanges.rangeCount() + "; see why its subtasks fail, or give the server more memory";
    }
}
