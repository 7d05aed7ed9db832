package io.divvy.scheduler;

import io.divvy.state.TaskId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * A worker that takes its time: with one slot, it runs what it was given one subtask after the other, and answers each
 * as it is done.
 */
final class TimedWorker {
    private final StoryWorker worker;
    private final SchedulerStory story;
    private final LongUnaryOperator subtaskMs;
    private final List<Run> queue = new ArrayList<>();
    private long runningUntilMs;
    private long done;

    /** The part of a lease that is not answered: the first of it is running if it is the first of the queue. */
    private record Run(TaskId task, long lease, long from, long to) {}

    /** @param subtaskMs what the next subtask takes, given how many are done */
    TimedWorker(SchedulerStory story, StoryWorker worker, LongUnaryOperator subtaskMs) {
        this.story = story;
        this.worker = worker;
        this.subtaskMs = subtaskMs;
    }

    /** Lets workers work until the task ends. Returns how long that took. */
    static long run(SchedulerStory story, List<TimedWorker> workers) {
        long startMs = story.nowMs();
        while (!story.hasReply()) {
            workers.forEach(TimedWorker::read);
            TimedWorker next = workers.stream()
                    .filter(worker -> !worker.queue.isEmpty())
                    .min(Comparator.comparingLong(worker -> worker.runningUntilMs))
                    .orElseThrow(() -> new AssertionError("nobody has anything to do, and the task is not done"));
            // Not past what the core wants to do by time alone, which may give somebody something sooner.
            long stepMs = Math.min(next.runningUntilMs, story.core().nextDeadlineMs()) - story.nowMs();
            story.pass(Math.max(0, stepMs));
            if (story.nowMs() >= next.runningUntilMs) {
                next.finishOne();
            }
        }
        return story.nowMs() - startMs;
    }

    private void read() {
        for (Effect message = worker.poll(); message != null; message = worker.poll()) {
            if (message instanceof Effect.Assign lease) {
                if (queue.isEmpty()) {
                    runningUntilMs = story.nowMs() + subtaskMs.applyAsLong(done);
                }
                queue.add(new Run(lease.task(), lease.lease(), lease.from(), lease.to()));
            } else if (message instanceof Effect.Revoke revoke) {
                worker.releases(revoke, giveBack(revoke));
            } else if (message instanceof Effect.CancelLease cancel) {
                stop(cancel.lease());
            } else if (message instanceof Effect.CancelWork cancel) {
                queue.removeIf(run -> run.task().equals(cancel.task()));
                runningUntilMs = story.nowMs() + subtaskMs.applyAsLong(done);
            }
        }
    }

    private void stop(long lease) {
        boolean wasRunning = !queue.isEmpty() && queue.get(0).lease() == lease;
        for (Run run : List.copyOf(queue)) {
            if (run.lease() == lease) {
                queue.remove(run);
                worker.releases(lease, run.from());
            }
        }
        if (wasRunning) {
            runningUntilMs = story.nowMs() + subtaskMs.applyAsLong(done);
        }
    }

    private long giveBack(Effect.Revoke revoke) {
        for (int i = 0; i < queue.size(); i++) {
            Run run = queue.get(i);
            if (run.lease() == revoke.lease()) {
                long started = i == 0 ? run.from() + 1 : run.from();
                long kept = Math.min(run.to(), Math.max(started, revoke.from()));
                if (kept == run.from()) {
                    queue.remove(i);
                } else {
                    queue.set(i, new Run(run.task(), run.lease(), run.from(), kept));
                }
                return kept;
            }
        }
        return revoke.from();
    }

    private void finishOne() {
        Run run = queue.get(0);
        if (run.from() + 1 == run.to()) {
            queue.remove(0);
        } else {
            queue.set(0, new Run(run.task(), run.lease(), run.from() + 1, run.to()));
        }
        done++;
        runningUntilMs = story.nowMs() + subtaskMs.applyAsLong(done);
        worker.answers(run.lease(), run.from(), run.from() + 1);
    }
}
