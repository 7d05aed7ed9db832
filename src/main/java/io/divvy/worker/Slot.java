package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.divvy.protocol.FromWorker;
import io.divvy.protocol.ResultValues;
import io.divvy.task.TaskContext;
import io.divvy.worker.LeaseQueue.Batch;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that runs subtasks, one at a time, and answers them in batches. */
final class Slot implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Slot.class);
    /** A batch that takes longer than was thought is answered in parts, and its rest given to whoever is free. */
    private static final long MAX_BATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int MAX_DETAIL_CHARS = 8_000;

    private final WorkSession session;
    private final LeaseQueue queue;
    private final Thread thread;

    // What runs now, and why it should stop. Guarded by this.
    private @Nullable WorkerTask running;
    private long runningSinceNanos;
    private boolean timedOut;

    Slot(WorkSession session, LeaseQueue queue, String name) {
        this.session = session;
        this.queue = queue;
        this.thread = new Thread(this, name);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void awaitEnd() throws InterruptedException {
        thread.join();
    }

    @Override
    public void run() {
        try {
            for (Batch batch = queue.take(); batch != null; batch = queue.take()) {
                run(batch);
            }
        } catch (InterruptedException e) {
            // Only this class interrupts the thread, and only while a subtask runs.
            LOG.error("{} was interrupted while it waited for work; it ends", thread.getName(), e);
        }
    }

    private void run(Batch batch) {
        WorkerTask task = batch.task();
        Answers answers = new Answers(batch);
        long startNanos = System.nanoTime();
        long index = batch.from();
        while (index < batch.to() && !task.isCancelled()) {
            runOne(batch, index, answers);
            index++;
            boolean late = System.nanoTime() - startNanos > MAX_BATCH_NANOS;
            if (index < batch.to() && (late || session.isDraining())) {
                queue.giveBack(batch.part(index, batch.to()));
                break;
            }
        }
        answers.send();
        if (index > batch.from()) {
            task.measured((double) (System.nanoTime() - startNanos) / (index - batch.from()));
        }
    }

    private void runOne(Batch batch, long index, Answers answers) {
        WorkerTask task = batch.task();
        begin(task);
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
            answers.fail(index, "timed out after " + task.subtaskTimeoutMs() + " ms", null);
        } else if (failure != null) {
            answers.fail(index, message(failure), failure);
        } else {
            answers.add(index, result == null ? NullNode.getInstance() : result);
        }
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    private synchronized void begin(WorkerTask task) {
        running = task;
        runningSinceNanos = System.nanoTime();
        timedOut = false;
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

    /** Results of a batch that are not sent yet: a run without gaps. */
    private final class Answers {
        private final Batch batch;
        private long from;
        private long[] numbers = new long[16];
        private int count;
        /** Set once one of the results is not a small whole number. */
        private @Nullable List<JsonNode> nodes;

        Answers(Batch batch) {
            this.batch = batch;
            this.from = batch.from();
        }

        void add(long index, JsonNode result) {
            if (count == 0) {
                from = index;
            }
            if (nodes == null && result.isIntegralNumber() && result.canConvertToLong()) {
                if (count == numbers.length) {
                    numbers = Arrays.copyOf(numbers, 2 * count);
                }
                numbers[count++] = result.longValue();
                return;
            }
            if (nodes == null) {
                nodes = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    nodes.add(LongNode.valueOf(numbers[i]));
                }
            }
            nodes.add(result);
            count++;
        }

        void fail(long index, String message, @Nullable Throwable cause) {
            send();
            session.send(new FromWorker.SubtaskError(batch.lease(), index, message, true, detail(cause)));
        }

        private @Nullable String detail(@Nullable Throwable cause) {
            if (cause == null) {
                return null;
            }
            StringWriter text = new StringWriter();
            cause.printStackTrace(new PrintWriter(text));
            return text.getBuffer()
                    .substring(0, Math.min(MAX_DETAIL_CHARS, text.getBuffer().length()));
        }

        void send() {
            if (count > 0 && !batch.task().isCancelled()) {
                ResultValues values =
                        nodes == null ? new ResultValues.Longs(Arrays.copyOf(numbers, count)) : ResultValues.of(nodes);
                session.answer(batch.task(), batch.lease(), from, values);
            }
            count = 0;
            nodes = null;
        }
    }
}
