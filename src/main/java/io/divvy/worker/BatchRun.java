package io.divvy.worker;

import io.divvy.guard.Failure;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.protocol.ErrorText;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.TaskContext;
import io.divvy.worker.LeaseQueue.Batch;
import io.divvy.worker.ResultCheck.Sendable;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A batch on a slot: its subtasks are run one after the other and answered together, or all of it is done at once where the
 * type knows how. Its slot's thread runs it; others tell it to stop.
 */
final class BatchRun {
    private static final Logger LOG = LoggerFactory.getLogger(BatchRun.class);
    /** A batch that takes longer than was thought is answered in parts, and its rest given to whoever is free. */
    private static final long MAX_BATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final BatchReports reports;
    private final int slot;
    private final Batch batch;
    private final Thread thread;
    private final Answers answers;

    // Guarded by this.
    private long begunTo;
    private boolean isHalted;
    /** Whether the thread is in the code of a task type. */
    private boolean runs;

    private long runningSinceNanos;
    private boolean timedOut;

    /** Set once nobody wants what runs. Code that asks whether it should go on reads it without the lock. */
    private volatile boolean isUnwanted;

    /** @param thread that runs it */
    BatchRun(BatchReports reports, int slot, Batch batch, Thread thread) {
        this.reports = reports;
        this.slot = slot;
        this.batch = batch;
        this.thread = thread;
        this.answers = new Answers(reports, slot, batch);
        this.begunTo = batch.from();
    }

    // What others say, on their threads.

    /** Nothing more of it is begun. Returns the index that would have been begun next. */
    synchronized long halt() {
        isHalted = true;
        return begunTo;
    }

    /** The same, and what runs is interrupted. */
    synchronized void interrupt() {
        isHalted = true;
        isUnwanted = true;
        if (runs) {
            thread.interrupt();
        }
    }

    /** Interrupts what runs if its time is up. */
    synchronized void checkTimeout(long nowNanos) {
        long timeoutMs = batch.task().subtaskTimeoutMs();
        if (runs
                && !timedOut
                && timeoutMs > 0
                && nowNanos - runningSinceNanos > TimeUnit.MILLISECONDS.toNanos(timeoutMs)) {
            timedOut = true;
            thread.interrupt();
        }
    }

    String taskType() {
        return batch.task().type().name();
    }

    // What its thread does.

    /** The first index that was not begun. */
    synchronized long next() {
        return begunTo;
    }

    /**
     * Returns false if the subtask is not to be run. Asked under the lock: who halts the batch later knows that it runs, and
     * who interrupts it finds it.
     */
    private synchronized boolean begin(long index) {
        if (!begin()) {
            return false;
        }
        begunTo = index + 1;
        return true;
    }

    /** While all of it is done at once, none of its subtasks counts as begun: one by one they can be begun still. */
    private synchronized boolean beginFold() {
        return begin();
    }

    private boolean begin() {
        runs = !isHalted;
        runningSinceNanos = System.nanoTime();
        timedOut = false;
        return runs;
    }

    /** Returns whether the subtask ran out of time. */
    private synchronized boolean end() {
        runs = false;
        // An interrupt that was meant for this subtask must not hit the next one.
        Thread.interrupted();
        return timedOut;
    }

    private synchronized void endFold() {
        begunTo = batch.to();
    }

    void run() {
        Failure failure = Guard.run(() -> {
            if (!runAtOnce()) {
                runOneByOne();
            }
        });
        if (failure != null) {
            // Nobody else would notice that these are not answered: the heartbeats go on.
            end();
            failUnsent(failure);
            reports.doubtAfter(failure);
        }
    }

    /** What was done and could not be said failed; what was not begun is still to be done. */
    private void failUnsent(Failure cause) {
        Failure unsaid = Guard.run(() -> {
            answers.drop();
            LOG.error(
                    "task {}: answering for subtasks from {} on failed",
                    batch.task().id(),
                    answers.next(),
                    cause.cause());
            SubtaskFailure failure = SubtaskFailure.retryable("the worker could not answer: " + cause.root());
            long begun = next();
            for (long index = answers.next(); index < begun; index++) {
                answers.fail(index, failure);
            }
        });
        if (unsaid != null) {
            LOG.error("task {}: nor could it say so: {}", batch.task().id(), unsaid);
            reports.breakOff("a subtask could not be answered");
        }
    }

    private void runOneByOne() throws UnfitResultException {
        WorkerTask task = batch.task();
        long startNanos = System.nanoTime();
        long next = batch.from();
        boolean late = false;
        while (next < batch.to() && !late && begin(next)) {
            runOne(next);
            next++;
            late = System.nanoTime() - startNanos > MAX_BATCH_NANOS;
        }
        answers.send();
        if (isUnwanted) {
            return;
        }
        if (next > batch.from()) {
            task.measured((double) (System.nanoTime() - startNanos) / (next - batch.from()));
        }
        if (batch.isFoldable() && next == batch.to() && !answers.hasFailures()) {
            LOG.warn("task {}: its type could not fold what it can do one by one; not asking again", task.id());
            task.stopFolding();
        }
    }

    /** Returns false, with nothing done, if the batch is to be run one by one: so it is said which of it failed. */
    private boolean runAtOnce() {
        WorkerTask task = batch.task();
        if (!batch.isFoldable() || !beginFold()) {
            return false;
        }
        long startNanos = System.nanoTime();
        Outcome<Sendable> outcome = Guard.call(() -> ResultCheck.sendable(Objects.requireNonNull(
                task.fold(batch.from(), batch.to(), new Context(this, batch.from())), "what was folded")));
        end();
        if (outcome instanceof Outcome.Returned<Sendable> folded) {
            if (!reports.answerFolded(slot, batch, folded.value().value())) {
                return false;
            }
            endFold();
            task.measured((double) (System.nanoTime() - startNanos) / batch.size());
            return true;
        }
        Failure failure = ((Outcome.Failed<Sendable>) outcome).failure();
        LOG.debug("task {}: folding {} to {} failed: {}", task.id(), batch.from(), batch.to(), failure);
        reports.doubtAfter(failure);
        return false;
    }

    private void runOne(long index) throws UnfitResultException {
        WorkerTask task = batch.task();
        Outcome<Sendable> outcome = Guard.call(() ->
                ResultCheck.sendable(task.type().process(batch.lease().payload(index), new Context(this, index))));
        boolean late = end();
        if (late) {
            answers.fail(index, SubtaskFailure.retryable("timed out after " + task.subtaskTimeoutMs() + " ms"));
        } else if (outcome instanceof Outcome.Returned<Sendable> result) {
            answers.add(result.value());
        }
        if (outcome instanceof Outcome.Failed<Sendable> failed) {
            Failure failure = failed.failure();
            if (!late && !isUnwanted) {
                answers.fail(index, asSaid(failure));
            }
            reports.doubtAfter(failure);
        }
    }

    private static SubtaskFailure asSaid(Failure failure) {
        if (failure.cause() instanceof UnfitResultException unfit) {
            return SubtaskFailure.lasting(String.valueOf(unfit.getMessage())); // Another attempt would give the same.
        }
        String message = failure.cause() instanceof InvalidParamsException invalid
                ? ErrorText.bounded(String.valueOf(invalid.getMessage()))
                : failure.text();
        return new SubtaskFailure(message, true, innermost(failure));
    }

    /** Where it began: of a stack trace that is longer than what the server keeps, that says the most. */
    private static String innermost(Failure failure) {
        String detail = failure.root().detail();
        return detail.substring(0, Math.min(detail.length(), ErrorText.MAX_DETAIL_CHARS));
    }

    private record Context(BatchRun run, long index) implements TaskContext {
        @Override
        public void checkCancelled() throws InterruptedException {
            if (run.isUnwanted || Thread.currentThread().isInterrupted()) {
                throw new InterruptedException(
                        "subtask " + index + " of task " + run.batch.task().id() + " is not wanted any more");
            }
        }
    }
}
