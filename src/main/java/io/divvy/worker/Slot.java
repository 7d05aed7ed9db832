package io.divvy.worker;

import io.divvy.guard.Failure;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.task.TaskContext;
import io.divvy.worker.LeaseQueue.Batch;
import io.divvy.worker.ResultCheck.Sendable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that runs subtasks, one at a time, and answers them in batches. It lives as long as the worker: when a connection is
 * lost it finishes the subtask that it runs, and what it has results of is offered on the next connection.
 */
final class Slot implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Slot.class);
    /** A batch that takes longer than was thought is answered in parts, and its rest given to whoever is free. */
    private static final long MAX_BATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Workshop workshop;
    private final LeaseQueue queue;
    private final Thread thread;

    // Guarded by this. What it has, of which the indexes from heldFrom to heldTo - 1 are begun and not answered.
    private @Nullable Batch inHand;
    private long heldFrom;
    private long heldTo;
    /** Leases of later connections that ask for what it has from a former one. */
    private final List<Assignment> adopters = new ArrayList<>(1);

    // Guarded by this. What runs now, and why it should stop.
    private boolean runs;
    private boolean folds;
    private long runningSinceNanos;
    private boolean timedOut;

    Slot(Workshop workshop, LeaseQueue queue, String name) {
        this.workshop = workshop;
        this.queue = queue;
        this.thread = new Thread(this, name);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public void run() {
        try {
            for (Batch taken = take(); taken != null; taken = take()) {
                hold(taken);
                try {
                    run(taken);
                } finally {
                    hold(null);
                    if (queue.finished(taken)) {
                        workshop.stopped(taken.lease());
                    }
                }
            }
        } catch (Throwable e) {
            // The heartbeats would go on, and nobody would notice that one slot less works.
            workshop.doubt(thread.getName() + " ended: " + Failure.of(e));
        }
    }

    private @Nullable Batch take() {
        while (true) {
            try {
                return queue.take();
            } catch (InterruptedException e) {
                // This class interrupts the thread only while a subtask runs; but code of a task type may keep the
                // thread.
                LOG.info("{} was interrupted by somebody while it waited for work", thread.getName());
            }
        }
    }

    private synchronized void hold(@Nullable Batch taken) {
        inHand = taken;
        heldFrom = taken == null ? 0 : taken.from();
        heldTo = heldFrom;
        adopters.clear();
    }

    private void run(Batch taken) {
        Answers answers = new Answers(workshop, this, taken);
        Failure failure = Guard.run(() -> {
            if (!runAtOnce(taken)) {
                runOneByOne(taken, answers);
            }
        });
        if (failure != null) {
            // Nobody else would notice that these are not answered: the heartbeats go on.
            end();
            failUnsent(taken, answers, failure);
            workshop.doubtAfter(failure);
        }
    }

    /** What was done and could not be said failed; what was not begun is still to be done. */
    private void failUnsent(Batch batch, Answers answers, Failure cause) {
        Failure unsaid = Guard.run(() -> {
            answers.drop();
            LOG.error(
                    "task {}: answering for subtasks from {} on failed",
                    batch.task().id(),
                    answers.next(),
                    cause.cause());
            String message = "the worker could not answer: " + cause.root();
            for (long index = answers.next(); index < answers.begunTo(); index++) {
                answers.fail(index, message, true, null);
            }
        });
        if (unsaid != null) {
            LOG.error("task {}: nor could it say so: {}", batch.task().id(), unsaid);
            workshop.breakOff("a subtask could not be answered");
            return;
        }
        if (answers.begunTo() < batch.to()) {
            queue.giveBack(batch.part(answers.begunTo(), batch.to()));
        }
    }

    private void runOneByOne(Batch batch, Answers answers) throws UnfitResultException {
        WorkerTask task = batch.task();
        long startNanos = System.nanoTime();
        long next = batch.from();
        boolean late = false;
        while (next < batch.to() && !late && begin(batch, next)) {
            answers.begin(next);
            runOne(batch, next, answers);
            next++;
            late = System.nanoTime() - startNanos > MAX_BATCH_NANOS;
        }
        answers.send();
        if (batch.lease().isUnwanted()) {
            return;
        }
        if (next < batch.to()) {
            queue.giveBack(batch.part(next, batch.to()));
        }
        if (next > batch.from()) {
            task.measured((double) (System.nanoTime() - startNanos) / (next - batch.from()));
        }
        if (task.folds(batch) && next == batch.to() && !answers.hasFailures()) {
            LOG.warn("task {}: its type could not fold what it can do one by one; not asking again", task.id());
            task.stopFolding();
        }
    }

    /** Returns false, with nothing done, if the batch is to be run one by one: so it is said which of it failed. */
    private boolean runAtOnce(Batch batch) {
        WorkerTask task = batch.task();
        WorkSession session = batch.lease().session();
        if (!task.folds(batch)) {
            return false;
        }
        if (!beginFold(batch)) {
            return true;
        }
        long startNanos = System.nanoTime();
        Outcome<Sendable> outcome = Guard.call(() -> ResultCheck.sendable(Objects.requireNonNull(
                task.fold(batch.from(), batch.to(), new Context(batch.lease(), batch.from())), "what was folded")));
        end();
        if (task.isCancelled() || session.isOver()) {
            return true;
        }
        if (outcome instanceof Outcome.Returned<Sendable> folded) {
            if (!workshop.answerFolded(batch, folded.value().value())) {
                return false;
            }
            task.measured((double) (System.nanoTime() - startNanos) / (batch.to() - batch.from()));
            return true;
        }
        Failure failure = ((Outcome.Failed<Sendable>) outcome).failure();
        if (batch.lease().isCancelled()) {
            workshop.doubtAfter(failure);
            return true;
        }
        LOG.debug("task {}: folding {} to {} failed: {}", task.id(), batch.from(), batch.to(), failure);
        workshop.doubtAfter(failure);
        return false;
    }

    private void runOne(Batch batch, long index, Answers answers) throws UnfitResultException {
        WorkerTask task = batch.task();
        Outcome<Sendable> outcome = Guard.call(() -> ResultCheck.sendable(
                task.type().process(task.payload(index, batch.lease()), new Context(batch.lease(), index))));
        boolean late = end();
        Failure failure = outcome instanceof Outcome.Failed<Sendable> failed ? failed.failure() : null;
        if (task.isCancelled() || failure != null && !late && batch.lease().isCancelled()) {
            // Nobody asks for it any more.
        } else if (late) {
            answers.fail(index, "timed out after " + task.subtaskTimeoutMs() + " ms", true, null);
        } else if (outcome instanceof Outcome.Returned<Sendable> result) {
            answers.add(result.value());
        } else if (failure != null && failure.cause() instanceof UnfitResultException unfit) {
            // Another attempt would give the same.
            answers.fail(index, String.valueOf(unfit.getMessage()), false, null);
        } else if (failure != null) {
            answers.fail(index, failure.text(), true, failure.detail());
        }
        if (failure != null) {
            workshop.doubtAfter(failure);
        }
    }

    /**
     * Returns false if the subtask is not to be run: its task is cancelled, or its connection ends. Asked under the lock: a
     * cancel that comes later finds what runs, and interrupts it; a lease that comes later finds what is held.
     */
    private synchronized boolean begin(Batch of, long index) {
        if (!begin(of)) {
            return false;
        }
        heldTo = index + 1;
        return true;
    }

    private synchronized boolean beginFold(Batch of) {
        folds = begin(of);
        return folds;
    }

    private boolean begin(Batch of) {
        if (of.lease().isUnwanted() || of.lease().session().isLeaving() || workshop.isInDoubt()) {
            return false;
        }
        runs = true;
        runningSinceNanos = System.nanoTime();
        timedOut = false;
        return true;
    }

    /** Returns whether the subtask ran out of time. */
    private synchronized boolean end() {
        runs = false;
        folds = false;
        // An interrupt that was meant for this subtask must not hit the next one.
        Thread.interrupted();
        return timedOut;
    }

    /** All below that index is answered, or kept to be offered. */
    synchronized void settle(long next) {
        heldFrom = next;
    }

    /**
     * That subtask failed, and all below it is settled. Returns the lease under which that is to be said: its own, or the one
     * of a later connection that asks for it too; null if nobody does, and then it is asked for again some time.
     */
    synchronized @Nullable Assignment settleFailed(long index) {
        heldFrom = index + 1;
        if (inHand != null && !inHand.lease().session().isOver()) {
            return inHand.lease();
        }
        return adopters.stream()
                .filter(lease -> lease.covers(index) && !lease.session().isOver())
                .findFirst()
                .orElse(null);
    }

    /**
     * What this slot has begun over a former connection and a new lease asks for: it will be answered, and is not to be done
     * twice. Null if there is nothing of the kind.
     */
    synchronized @Nullable IndexRange adopt(Assignment lease) {
        if (inHand == null
                || !inHand.lease().session().isOver()
                || !inHand.task().id().equals(lease.task().id())
                || inHand.lease().isUnwanted()) {
            return null;
        }
        IndexRange held = new IndexRange(Math.max(heldFrom, lease.from()), Math.min(heldTo, lease.to()));
        if (held.from() >= held.to()) {
            return null;
        }
        adopters.add(lease);
        return held;
    }

    /** What this slot has of that task, described as it was then; null if nothing. */
    synchronized @Nullable WorkerTask has(String taskId) {
        return inHand != null && inHand.task().id().equals(taskId) ? inHand.task() : null;
    }

    /** Interrupts what runs if it is of that task; what is left of its batch is not begun. */
    synchronized void cancel(String taskId) {
        if (inHand != null && inHand.task().id().equals(taskId)) {
            inHand.task().cancel();
            interrupt();
        }
    }

    /** Interrupts what runs if it is of a lease that was cancelled. */
    synchronized void stopCancelled() {
        if (inHand != null && inHand.lease().isCancelled()) {
            interrupt();
        }
    }

    /** Interrupts whatever runs: nobody will hear of it. */
    synchronized void abandon() {
        if (inHand != null) {
            inHand.task().cancel();
            interrupt();
        }
    }

    /** Interrupts what is folded over a connection that is lost: a combined answer cannot be offered on another. */
    synchronized void abandonFold() {
        if (folds) {
            interrupt();
        }
    }

    private void interrupt() {
        if (runs) {
            thread.interrupt();
        }
    }

    /** Interrupts what runs if its time is up. */
    synchronized void checkTimeout(long nowNanos) {
        if (inHand == null || !runs || timedOut) {
            return;
        }
        long timeoutMs = inHand.task().subtaskTimeoutMs();
        if (timeoutMs > 0 && nowNanos - runningSinceNanos > TimeUnit.MILLISECONDS.toNanos(timeoutMs)) {
            timedOut = true;
            thread.interrupt();
        }
    }

    private record Context(Assignment lease, long index) implements TaskContext {
        @Override
        public void checkCancelled() throws InterruptedException {
            if (lease.isUnwanted() || Thread.currentThread().isInterrupted()) {
                throw new InterruptedException(
                        "subtask " + index + " of task " + lease.task().id() + " is not wanted any more");
            }
        }
    }
}
