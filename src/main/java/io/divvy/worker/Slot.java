package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.divvy.protocol.FromWorker;
import io.divvy.task.TaskContext;
import io.divvy.worker.LeaseQueue.Batch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that runs subtasks, one at a time, and answers them in batches. */
final class Slot implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Slot.class);
    /** A batch that takes longer than was thought is answered in parts, and its rest given to whoever is free. */
    private static final long MAX_BATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final WorkSession session;
    private final LeaseQueue queue;
    private final Semaphore freeSlots;
    private final Thread thread;

    // What runs now, and why it should stop. Guarded by this.
    private boolean waitsToBegin = true;
    private @Nullable WorkerTask running;
    private long runningSinceNanos;
    private boolean timedOut;

    /** @param freeSlots of the worker: a thread takes one, and gives it back when it ends */
    Slot(WorkSession session, LeaseQueue queue, Semaphore freeSlots, String name) {
        this.session = session;
        this.queue = queue;
        this.freeSlots = freeSlots;
        this.thread = new Thread(this, name);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** The queue is closed: a thread that has not begun needs not begin. */
    synchronized void queueClosed() {
        if (waitsToBegin) {
            thread.interrupt();
        }
    }

    void awaitEnd() throws InterruptedException {
        thread.join();
    }

    @Override
    public void run() {
        try {
            // One of a former connection may still run a subtask that does not heed the interrupt.
            freeSlots.acquire();
        } catch (InterruptedException e) {
            LOG.debug("{}: the connection ended before a slot was free", thread.getName());
            return;
        }
        try {
            begun();
            for (Batch batch = queue.take(); batch != null; batch = queue.take()) {
                run(batch);
            }
        } catch (InterruptedException e) {
            // Only this class interrupts the thread, and only before it begins or while a subtask runs.
            LOG.error("{} was interrupted while it waited for work; it ends", thread.getName(), e);
        } finally {
            freeSlots.release();
        }
    }

    private synchronized void begun() {
        waitsToBegin = false;
        // That the queue was closed it will find out by itself.
        Thread.interrupted();
    }

    private void run(Batch batch) {
        Answers answers = new Answers(session, batch);
        try {
            if (!runAtOnce(batch)) {
                runOneByOne(batch, answers);
            }
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError | AssertionError e) {
            // Nobody else would notice that these are not answered: the heartbeats go on.
            LOG.error(
                    "task {}: answering for subtasks from {} on failed",
                    batch.task().id(),
                    answers.next(),
                    e);
            end();
            failUnsent(batch, answers, e);
        }
    }

    /** What was done and could not be said failed; what was not begun is still to be done. */
    private void failUnsent(Batch batch, Answers answers, Throwable cause) {
        answers.drop();
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = "the worker could not answer: " + root.getClass().getName();
        try {
            for (long index = answers.next(); index < answers.begunTo(); index++) {
                answers.fail(
                        index,
                        "the worker could not answer: " + cause.getClass().getName(),
                        true,
                        null);
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("task {}: nor could it say so", batch.task().id(), e);
            session.breakOff("a subtask could not be answered");
            return;
        }
        if (answers.begunTo() < batch.to()) {
            queue.giveBack(batch.part(answers.begunTo(), batch.to()));
        }
    }

    private void runOneByOne(Batch batch, Answers answers) {
        WorkerTask task = batch.task();
        long startNanos = System.nanoTime();
        long index = batch.from();
        long rest = batch.to();
        while (index < batch.to() && !task.isCancelled()) {
            answers.begin(index);
            runOne(batch, index, answers);
            index++;
            boolean late = System.nanoTime() - startNanos > MAX_BATCH_NANOS;
            if (index < batch.to() && (late || session.isDraining())) {
                rest = index;
                break;
            }
        }
        answers.send();
        if (rest < batch.to()) {
            queue.giveBack(batch.part(rest, batch.to()));
        }
        if (index > batch.from()) {
            task.measured((double) (System.nanoTime() - startNanos) / (index - batch.from()));
        }
        if (task.folds(batch) && rest == batch.to() && !answers.hasFailures() && !task.isCancelled()) {
            LOG.warn("task {}: its type could not fold what it can do one by one; not asking again", task.id());
            task.stopFolding();
        }
    }

    /** Returns false, with nothing done, if the batch is to be run one by one: so it is said which of it failed. */
    private boolean runAtOnce(Batch batch) {
        WorkerTask task = batch.task();
        if (!task.folds(batch)) {
            return false;
        }
        if (!begin(task)) {
            return true;
        }
        long startNanos = System.nanoTime();
        JsonNode folded = null;
        try {
            folded = task.fold(batch.from(), batch.to(), new Context(task, batch.from()));
            ResultCheck.textBytes(folded);
        } catch (Exception | StackOverflowError | OutOfMemoryError | LinkageError | AssertionError e) {
            LOG.debug("task {}: folding {} to {} failed", task.id(), batch.from(), batch.to(), e);
            folded = null;
        }
        end();
        if (task.isCancelled()) {
            return true;
        }
        if (folded == null) {
            return false;
        }
        session.send(new FromWorker.Combined(batch.lease(), batch.from(), batch.to(), folded));
        task.measured((double) (System.nanoTime() - startNanos) / (batch.to() - batch.from()));
        return true;
    }

    private void runOne(Batch batch, long index, Answers answers) {
        WorkerTask task = batch.task();
        if (!begin(task)) {
            return;
        }
        JsonNode result = null;
        Throwable failure = null;
        try {
            result = task.type()
                    .process(task.payload(index, batch.leaseFrom(), batch.payloads()), new Context(task, index));
        } catch (Exception | StackOverflowError | OutOfMemoryError | LinkageError | AssertionError e) {
            // The code of a task type is somebody else's: whatever it throws is that subtask's failure.
            failure = e;
        }
        boolean late = end();
        if (task.isCancelled()) {
            return;
        }
        if (late) {
            answers.fail(index, "timed out after " + task.subtaskTimeoutMs() + " ms", true, null);
        } else if (failure != null) {
            answers.fail(index, message(failure), true, failure);
        } else {
            answers.add(index, result == null ? NullNode.getInstance() : result);
        }
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    /**
     * Returns false if the task is cancelled. Asked under the lock: a cancel that comes later finds what runs, and
     * interrupts it.
     */
    private synchronized boolean begin(WorkerTask task) {
        if (task.isCancelled()) {
            return false;
        }
        running = task;
        runningSinceNanos = System.nanoTime();
        timedOut = false;
        return true;
    }

    /** Returns whether the subtask ran out of time. */
    private synchronized boolean end() {
        running = null;
        // An interrupt that was meant for this subtask must not hit the next one.
        Thread.interrupted();
        return timedOut;
    }

    /** Interrupts what runs if it is of that task. */
    synchronized void cancel(WorkerTask task) {
        if (running == task) {
            thread.interrupt();
        }
    }

    /** Interrupts what runs if its time is up. */
    synchronized void checkTimeout(long nowNanos) {
        if (running != null
                && !timedOut
                && running.subtaskTimeoutMs() > 0
                && nowNanos - runningSinceNanos > TimeUnit.MILLISECONDS.toNanos(running.subtaskTimeoutMs())) {
            timedOut = true;
            thread.interrupt();
        }
    }

    private record Context(WorkerTask task, long index) implements TaskContext {
        @Override
        public void checkCancelled() throws InterruptedException {
            if (task.isCancelled() || Thread.currentThread().isInterrupted()) {
                throw new InterruptedException("task " + task.id() + " is not wanted any more");
            }
        }
    }
}
