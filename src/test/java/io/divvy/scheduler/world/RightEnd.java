package io.divvy.scheduler.world;

import io.divvy.scheduler.Limits;
import io.divvy.state.Ledger;
import io.divvy.state.Range;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSnapshot.State;
import io.divvy.state.TaskSpec;
import io.divvy.state.TaskSpec.EarlyEnd;

/** How a task has to end: with the true answer to the last bit, or for a reason that there really was. */
final class RightEnd {
    private RightEnd() {}

    /** @param deathsUntilPoison so many lone deaths a subtask that is called poison must have seen */
    static void require(Saved saved, int deathsUntilPoison) {
        SimulatedTask task = saved.task;
        TaskSnapshot end =
                Violation.ifNull(saved.end, () -> task + " has no end").task();
        String answer = saved.answer();
        Ledger ledger = end.ledger();
        Violation.unless(
                ledger.addsUp() && ledger.pending() == 0 && ledger.leased() == 0 && ledger.total() == task.subtasks(),
                () -> task + " ended with the ledger " + ledger);
        Violation.unless((end.state() == State.COMPLETED) == (answer != null), () -> task + " has no answer: " + end);
        if (end.state() == State.COMPLETED) {
            requireRightAnswer(task, end, String.valueOf(answer), deathsUntilPoison);
        } else if (end.state() == State.FAILED) {
            TaskFailure failure = Violation.ifNull(end.failure(), () -> task + " failed for no reason");
            Violation.unless(
                    isJustified(task, end, failure, deathsUntilPoison),
                    () -> task + " failed without a reason: " + end);
            requireFailedRanges(task, end);
            Long subtask = failure.subtask();
            Violation.unless(
                    subtask == null
                            || end.failedRanges().stream()
                                    .anyMatch(range -> range.from() <= subtask && subtask < range.to()),
                    () -> task + " does not count the subtask that failed it: " + end);
        } else {
            Violation.unless(task.isCancelRequested, () -> task + " was never cancelled");
        }
    }

    private static void requireRightAnswer(SimulatedTask task, TaskSnapshot end, String answer, int deathsUntilPoison) {
        EarlyEnd earlyEnd = task.spec().earlyEnd();
        String truth = task.trueAnswer(end, Limits.chunkSize(task.subtasks()));
        Violation.unless(
                truth == null ? task.isAnyResult(answer, end) : answer.equals(truth),
                () -> task + " gives " + answer + ", right is " + (truth == null ? "any result" : truth));
        Ledger ledger = end.ledger();
        Violation.unless(
                earlyEnd != EarlyEnd.NONE || ledger.done() + ledger.failed() == ledger.total(),
                () -> task + " completed with " + ledger);
        long failed = requireFailedRanges(task, end);
        for (Range range : end.failedRanges()) {
            for (long index = range.from(); index < range.to(); index++) {
                long given = index;
                Violation.unless(
                        task.mayHaveFailed(index, deathsUntilPoison),
                        () -> task + " goes on without " + given + " for no reason: " + end);
            }
        }
        Violation.unless(
                failed == 0 || earlyEnd != EarlyEnd.NONE || task.spec().onFailure() == TaskSpec.OnFailure.CONTINUE,
                () -> task + " must not go on without some results: " + end);
    }

    /** Returns how many subtasks failed. */
    private static long requireFailedRanges(SimulatedTask task, TaskSnapshot end) {
        long failed = end.failedRanges().stream()
                .mapToLong(range -> range.to() - range.from())
                .sum();
        Violation.unless(
                failed == end.ledger().failed(), () -> task + " names other failed subtasks than it counts: " + end);
        return failed;
    }

    private static boolean isJustified(
            SimulatedTask task, TaskSnapshot end, TaskFailure failure, int deathsUntilPoison) {
        Long subtask = failure.subtask();
        return switch (failure.code()) {
            case SUBTASK_FAILED ->
                subtask == null
                        ? end.ledger().done() == 0 && end.ledger().total() > 0
                        : failure.attempts() != null && task.mayFailAfter(failure.attempts(), subtask);
            case SUBTASK_POISONOUS ->
                subtask != null && task.loneDeaths.of(subtask).most() >= deathsUntilPoison;
            case TIMEOUT ->
                task.spec().timeoutMs() > 0
                        && end.finishedMs() != null
                        && end.finishedMs() - end.submittedMs() >= task.spec().timeoutMs();
            case TASK_TYPE_FAILED -> task.isBroken;
            case LIMIT_EXCEEDED -> true;
            case INTERNAL -> false;
        };
    }
}
