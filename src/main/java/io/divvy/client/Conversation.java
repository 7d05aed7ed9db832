package io.divvy.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.client.Request.Attachment;
import io.divvy.client.Request.Cancellation;
import io.divvy.client.Request.Look;
import io.divvy.client.Request.Reattachment;
import io.divvy.client.Request.Submission;
import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.Json;
import io.divvy.protocol.Progress;
import io.divvy.protocol.ServerHeartbeat;
import io.divvy.protocol.TaskView;
import io.divvy.protocol.ToSender;
import io.divvy.protocol.Welcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was asked and not answered, and which tasks are waited for. It outlives connections: on a new one, what was not
 * answered is sent again, and every task that is waited for is attached to.
 *
 * <p>Asking again is safe: a submission has a key, under which it gives the same task, and the other requests change nothing
 * when they are repeated. Messages are heard under the lock, which only moves entries about; the user's code runs on the
 * callback thread.
 */
final class Conversation implements ToSender.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(DivvyClient.class);

    private final String server;
    private final CallbackThread callbacks;
    private final AtomicLong lastNumber = new AtomicLong();

    // Guarded by this, on which the link's thread waits for something to do.
    private final Map<Long, Request<?>> requests = new LinkedHashMap<>();
    private final Map<String, List<TaskHandle>> waiting = new LinkedHashMap<>();
    /** A cancel is answered by the end of its task, which carries no number. */
    private final Map<String, List<Cancellation>> cancellations = new HashMap<>();

    private final Deque<Request<?>> outbox = new ArrayDeque<>();
    /** Refused for now, the one first that is to be sent again first. */
    private final PriorityQueue<Request<?>> postponed = new PriorityQueue<>(Request.SOONEST_FIRST);

    private boolean connected;
    private int maxFrameBytes;
    private boolean answered;
    private boolean neededAtEnd;
    private boolean closed;

    Conversation(String server, CallbackThread callbacks) {
        this.server = server;
        this.callbacks = callbacks;
    }

    /** What the server is called in messages. */
    String server() {
        return server;
    }

    // What users ask. Futures fail with TaskRefusedException or IOException.

    CompletableFuture<TaskHandle> submit(ObjectNode task, @Nullable Consumer<Progress> onProgress) {
        ObjectNode keyed = Json.MAPPER.createObjectNode().setAll(task);
        if (!task.hasNonNull("key")) {
            keyed.put("key", UUID.randomUUID().toString());
        }
        return ask(new Submission(this, keyed, onProgress));
    }

    CompletableFuture<TaskHandle> attach(String taskId, @Nullable Consumer<Progress> onProgress) {
        return ask(new Attachment(this, taskId, onProgress));
    }

    CompletableFuture<TaskView> status(String taskId) {
        return ask(new Look(this, taskId, new CompletableFuture<>()));
    }

    CompletableFuture<TaskView> cancel(String taskId) {
        return ask(new Cancellation(this, taskId));
    }

    private <T> CompletableFuture<T> ask(Request<T> request) {
        Exception refusal;
        synchronized (this) {
            refusal = refusal(request);
            if (refusal == null) {
                requests.put(request.number, request);
                request.opened();
                if (connected) {
                    outbox.add(request);
                }
                notifyAll();
            }
        }
        if (refusal != null) {
            request.fail(refusal);
        }
        return request.answer;
    }

    private @Nullable Exception refusal(Request<?> request) {
        if (closed) {
            return new ClientClosedException();
        }
        int bytes = Requests.bytes(request.frame);
        return bytes <= maxFrameBytes ? null : Requests.tooLarge(bytes, maxFrameBytes);
    }

    // What the link does with it.

    /** There is a connection: says what is to be said on it. Requests come first: see {@link #wasAnswered}. */
    synchronized void connected(Welcome welcome) {
        maxFrameBytes = welcome.maxFrameBytes();
        connected = !closed;
        answered = false;
        requests.values().forEach(Request::repeat);
        outbox.addAll(requests.values());
        waiting.forEach((taskId, handles) -> {
            Reattachment again = new Reattachment(this, taskId, handles.stream().anyMatch(TaskHandle::wantsProgress));
            requests.put(again.number, again);
            outbox.add(again);
        });
    }

    /** Nothing more comes over the connection. */
    synchronized void disconnected() {
        connected = false;
        neededAtEnd = isNeeded();
        outbox.clear();
        postponed.clear();
        requests.values().removeIf(request -> request instanceof Reattachment);
        notifyAll();
    }

    /** The next frame to send; waits for one. Null: the connection is lost, or the client closed. */
    synchronized @Nullable ByteBuffer next() throws InterruptedException {
        while (connected) {
            long nowNanos = System.nanoTime();
            Request<?> first = postponed.peek();
            if (first != null && first.dueInNanos(nowNanos) <= 0) {
                outbox.add(postponed.remove());
            }
            Request<?> request = outbox.poll();
            if (request == null) {
                // Rounded up, so that the last millisecond is not spun away. 0 is until something is to be done.
                wait(first == null ? 0 : TimeUnit.NANOSECONDS.toMillis(first.dueInNanos(nowNanos)) + 1);
            } else if (requests.containsKey(request.number)) {
                request.sent = true;
                return request.frame;
            }
        }
        return null;
    }

    /**
     * Whether the server said something on the last connection after its welcome. As the oldest request is sent first, one
     * that the server cannot bear does not look like a server that works: there is no end to trying otherwise.
     */
    synchronized boolean wasAnswered() {
        return answered;
    }

    /** Whether anybody waited for anything when the last connection ended. */
    synchronized boolean wasNeeded() {
        return neededAtEnd;
    }

    private boolean isNeeded() {
        return !requests.isEmpty() || !waiting.isEmpty();
    }

    /** Waits until somebody waits for something; false if the client is closed. */
    synchronized boolean awaitNeed() throws InterruptedException {
        while (!closed && !isNeeded()) {
            wait();
        }
        return !closed;
    }

    /** Lets time pass; false if the client is closed, which ends it early. */
    synchronized boolean pause(Duration time) throws InterruptedException {
        long nanos = time.toNanos();
        long endNanos = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !closed; left = endNanos - System.nanoTime()) {
            // Rounded up, so that the last millisecond is not spun away.
            wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
        }
        return !closed;
    }

    /** All that waits fails. */
    synchronized void fail(IOException cause) {
        List<Request<?>> unanswered = List.copyOf(requests.values());
        List<List<TaskHandle>> unended = List.copyOf(waiting.values());
        requests.clear();
        cancellations.clear();
        waiting.clear();
        outbox.clear();
        postponed.clear();
        unanswered.forEach(request -> request.fail(cause));
        unended.forEach(handles -> handles.forEach(handle -> handle.fail(cause)));
    }

    synchronized void close() {
        if (!closed) {
            closed = true;
            disconnected();
            fail(new ClientClosedException());
        }
    }

    // What the server says. All on the thread that reads.

    synchronized void hear(ToSender message) {
        if (!closed) {
            answered |= !(message instanceof ServerHeartbeat);
            message.dispatch(this);
        }
    }

    @Override
    public void on(Welcome message) {
        LOG.warn("the server at {} said welcome in the middle of a session; it is ignored", server);
    }

    /** That it came is all there is to it: the connection lives. */
    @Override
    public void on(ServerHeartbeat heartbeat) {}

    @Override
    public void on(ErrorMessage error) {
        TaskRefusedException refusal = new TaskRefusedException(error.code(), error.message(), error.retryAfterMs());
        if (error.request() != null) {
            Request<?> request = requests.get(error.request());
            if (request != null && request.isAskedAgainAfter(refusal)) {
                postpone(request, refusal);
            } else if (request != null) {
                requests.remove(request.number);
                request.fail(refusal);
            }
        } else if (Requests.endsConnection(error.code())) {
            // The server cannot say which of them it was. Sent again, it would end the next connection too.
            LOG.warn("the server at {} ends the connection: {}: {}", server, error.code(), error.message());
            List<Request<?>> sent = requests.values().stream()
                    .filter(request -> request.sent && !(request instanceof Reattachment))
                    .toList();
            sent.forEach(request -> {
                requests.remove(request.number);
                request.fail(refusal);
            });
        } else {
            LOG.warn("the server at {} complains: {}: {}", server, error.code(), error.message());
        }
    }

    private void postpone(Request<?> request, TaskRefusedException refusal) {
        long delayMs = request.postpone(refusal.retryAfterMs());
        LOG.info(
                "the server at {} did not take what was asked again after the connection was lost ({}: {});"
                        + " trying again in {} ms",
                server,
                refusal.code(),
                refusal.getMessage(),
                delayMs);
        if (connected) {
            postponed.add(request);
            notifyAll();
        }
    }

    @Override
    public void on(ToSender.Accepted message) {
        Request<?> request = take(message.request());
        if (request != null) {
            request.accepted(message);
        }
    }

    @Override
    public void on(ToSender.Task message) {
        Long number = message.request();
        Request<?> request = number == null ? null : requests.get(number);
        if (request != null) {
            if (!(request instanceof Cancellation)) { // That is answered by the end.
                requests.remove(request.number);
            }
            request.shown(message);
        }
    }

    private @Nullable Request<?> take(@Nullable Long number) {
        return number == null ? null : requests.remove(number);
    }

    @Override
    public void on(ToSender.ProgressReport message) {
        waiting.getOrDefault(message.taskId(), List.of()).forEach(handle -> handle.report(message.progress()));
    }

    @Override
    public void on(ToSender.Completed message) {
        String path = message.resultAt();
        if (path == null) {
            ended(message.taskId(), handle -> handle.complete(message.result()));
        } else {
            ended(message.taskId(), handle -> handle.fail(new ResultTooLargeException(message.taskId(), path)));
        }
    }

    @Override
    public void on(ToSender.Failed message) {
        ended(
                message.taskId(),
                handle -> handle.fail(new TaskFailedException(message.error().message(), message.error())));
    }

    @Override
    public void on(ToSender.Cancelled message) {
        ended(message.taskId(), handle -> handle.fail(new TaskCancelledException(message.taskId())));
    }

    @Override
    public void on(ToSender.Unknown message) {
        LOG.debug("ignoring a message of type {}, which a later version knows", message.type());
    }

    private void ended(String taskId, Consumer<TaskHandle> end) {
        List<TaskHandle> handles = waiting.remove(taskId);
        if (handles != null) {
            handles.forEach(end);
        }
        List<Cancellation> cancelled = cancellations.remove(taskId);
        if (cancelled != null) {
            cancelled.forEach(Cancellation::ended);
        }
    }

    // What requests do with it. What moves entries is called under the lock, or takes it.

    long nextNumber() {
        return lastNumber.incrementAndGet();
    }

    CallbackThread callbacks() {
        return callbacks;
    }

    /** A handle that hears of the task's end from now on. */
    TaskHandle waitFor(String taskId, long subtasks, @Nullable Consumer<Progress> onProgress) {
        TaskHandle handle = new TaskHandle(this, callbacks, taskId, subtasks, onProgress);
        waiting.computeIfAbsent(taskId, id -> new ArrayList<>(1)).add(handle);
        return handle;
    }

    /** The end of the task will not be heard of. */
    void giveUp(String taskId, Exception reason) {
        List<TaskHandle> handles = waiting.remove(taskId);
        if (handles != null) {
            handles.forEach(handle -> handle.fail(reason));
        }
    }

    /** The end of the task is its answer. */
    void waitFor(Cancellation cancellation) {
        cancellations
                .computeIfAbsent(cancellation.taskId(), id -> new ArrayList<>(1))
                .add(cancellation);
    }

    /** Asks something else, which answers that one. */
    void askInstead(Cancellation cancellation, Look look) {
        requests.remove(cancellation.number);
        CompletableFuture<TaskView> unused = ask(look);
    }

    /** The end of the task is not its answer any more. */
    synchronized void giveUp(Cancellation cancellation) {
        List<Cancellation> open = cancellations.get(cancellation.taskId());
        if (open != null && open.remove(cancellation) && open.isEmpty()) {
            cancellations.remove(cancellation.taskId());
        }
    }
}
