package io.divvy.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.net.FrameSocket;
import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.Frames;
import io.divvy.protocol.FromSender;
import io.divvy.protocol.Hello;
import io.divvy.protocol.Message;
import io.divvy.protocol.Progress;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.TaskView;
import io.divvy.protocol.ToSender;
import io.divvy.protocol.Welcome;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a sender. Any number of threads may use it; callbacks run on its reading thread, so they should be quick.
 *
 * <pre>{@code
 * try (DivvyClient client = DivvyClient.connect(new InetSocketAddress("127.0.0.1", 5000))) {
 *     TaskHandle task = client.submit(taskObject, progress -> {});
 *     JsonNode result = task.await();
 * }
 * }</pre>
 */
public final class DivvyClient implements AutoCloseable {
    private static final int CONNECT_TIMEOUT_MS = 5_000;
    private static final int WELCOME_TIMEOUT_MS = 10_000;

    private final FrameSocket socket;
    private final Thread reader;
    // Guarded by this.
    private final Map<Long, CompletableFuture<ToSender>> requests = new HashMap<>();
    private final Map<String, Watch> watches = new HashMap<>();
    private long lastRequest;
    private @Nullable IOException broken;

    /** Somebody who waits for the end of a task. */
    private record Watch(Consumer<Progress> progress, CompletableFuture<JsonNode> result) {}

    private DivvyClient(FrameSocket socket) {
        this.socket = socket;
        this.reader = new Thread(this::read, "divvy-client");
        this.reader.setDaemon(true);
    }

    /** Connects and says hello. An {@link IOException} means that there is no server that speaks protocol 2. */
    public static DivvyClient connect(InetSocketAddress address) throws IOException {
        FrameSocket socket = FrameSocket.connect(address, CONNECT_TIMEOUT_MS, ProtocolLimits.MAX_FRAME_BYTES);
        try {
            socket.setReceiveTimeoutMs(WELCOME_TIMEOUT_MS);
            socket.send(Frames.encode(new Hello.Sender(null)));
            byte[] frame = socket.receive();
            ToSender answer = ToSender.read(frame, 0, frame.length);
            if (!(answer instanceof Welcome)) {
                throw new IOException("the server did not welcome this client: " + answer);
            }
            socket.setReceiveTimeoutMs(0);
        } catch (IOException e) {
            socket.close();
            throw e;
        } catch (ProtocolException e) {
            socket.close();
            throw new IOException("the server at " + address + " does not speak this protocol: " + e.getMessage(), e);
        }
        DivvyClient client = new DivvyClient(socket);
        client.reader.start();
        return client;
    }

    /**
     * Submits a task and waits until it is accepted.
     *
     * @param task the task object, as in the protocol's description
     * @param onProgress hears how the task goes on, at most ten times a second
     * @throws TaskRefusedException if the server does not take it
     */
    public TaskHandle submit(ObjectNode task, Consumer<Progress> onProgress)
            throws TaskRefusedException, IOException, InterruptedException {
        CompletableFuture<TaskHandle> handle = new CompletableFuture<>();
        CompletableFuture<ToSender> answer = new CompletableFuture<>();
        // On the reading thread: the task may end in the very next message, and somebody must wait for that.
        answer.whenComplete((message, failure) -> {
            if (failure != null) {
                handle.completeExceptionally(failure);
            } else if (message instanceof ToSender.Accepted accepted) {
                handle.complete(
                        new TaskHandle(accepted.taskId(), accepted.subtasks(), watch(accepted.taskId(), onProgress)));
            } else {
                handle.completeExceptionally(unexpected(message));
            }
        });
        long request = register(answer);
        send(new FromSender.Submit(request, true, task));
        return await(handle, TaskRefusedException.class);
    }

    /** The task as it is now. */
    public TaskView status(String taskId) throws TaskRefusedException, IOException, InterruptedException {
        CompletableFuture<ToSender> answer = new CompletableFuture<>();
        send(new FromSender.Status(register(answer), taskId));
        ToSender message = await(answer, TaskRefusedException.class);
        if (message instanceof ToSender.Task task) {
            return task.view();
        }
        throw unexpected(message);
    }

    /** Cancels the task if it has not ended, and returns its view, which says how it ended. */
    public TaskView cancel(String taskId) throws TaskRefusedException, IOException, InterruptedException {
        CompletableFuture<JsonNode> end = watch(taskId, progress -> {});
        CompletableFuture<ToSender> refusal = new CompletableFuture<>();
        send(new FromSender.Cancel(register(refusal), taskId));
        // A cancel is answered by the end of the task, which carries no request number, or by an error, which does.
        CompletableFuture<Void> ended = end.handle((result, failure) -> null);
        await(CompletableFuture.anyOf(ended, refusal), TaskRefusedException.class);
        return status(taskId);
    }

    /** Ends the connection. Tasks go on. */
    @Override
    public void close() throws IOException {
        socket.close();
    }

    static <T, E extends Exception> T await(CompletableFuture<T> future, Class<E> expected)
            throws E, IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (expected.isInstance(cause)) {
                throw expected.cast(cause);
            }
            throw cause instanceof IOException io ? io : new IOException(cause);
        }
    }

    private synchronized long register(CompletableFuture<ToSender> answer) throws IOException {
        if (broken != null) {
            throw new IOException("the connection is lost: " + broken.getMessage(), broken);
        }
        requests.put(++lastRequest, answer);
        return lastRequest;
    }

    private synchronized CompletableFuture<JsonNode> watch(String taskId, Consumer<Progress> onProgress) {
        return watches.computeIfAbsent(taskId, id -> new Watch(onProgress, new CompletableFuture<>()))
                .result();
    }

    private void send(Message message) throws IOException {
        socket.send(Frames.encode(message));
    }

    private void read() {
        OnMessage onMessage = new OnMessage();
        try {
            while (true) {
                byte[] frame = socket.receive();
                ToSender.read(frame, 0, frame.length).dispatch(onMessage);
            }
        } catch (EOFException e) {
            fail(new IOException("the server closed the connection", e));
        } catch (IOException e) {
            fail(e);
        } catch (ProtocolException e) {
            fail(new IOException("the server sent something that is not of this protocol: " + e.getMessage(), e));
        }
    }

    private void fail(IOException cause) {
        Map<Long, CompletableFuture<ToSender>> openRequests;
        Map<String, Watch> openWatches;
        synchronized (this) {
            broken = cause;
            openRequests = new HashMap<>(requests);
            openWatches = new HashMap<>(watches);
            requests.clear();
            watches.clear();
        }
        openRequests.values().forEach(request -> request.completeExceptionally(cause));
        openWatches.values().forEach(watch -> watch.result().completeExceptionally(cause));
    }

    private synchronized @Nullable CompletableFuture<ToSender> answered(@Nullable Long request) {
        return request == null ? null : requests.remove(request);
    }

    private static IOException unexpected(Object message) {
        return new IOException("the server gave an answer of another kind: " + message);
    }

    /** What the server says. */
    private final class OnMessage implements ToSender.Handler {
        @Override
        public void on(Welcome message) {
            throw new IllegalStateException("welcomed twice");
        }

        @Override
        public void on(ErrorMessage error) {
            CompletableFuture<ToSender> request = answered(error.request());
            if (request != null) {
                request.completeExceptionally(
                        new TaskRefusedException(error.code(), error.message(), error.retryAfterMs()));
            }
        }

        @Override
        public void on(ToSender.Accepted accepted) {
            complete(accepted.request(), accepted);
        }

        @Override
        public void on(ToSender.Task task) {
            complete(task.request(), task);
        }

        private void complete(@Nullable Long request, ToSender message) {
            CompletableFuture<ToSender> waiting = answered(request);
            if (waiting != null) {
                waiting.complete(message);
            }
        }

        @Override
        public void on(ToSender.ProgressReport report) {
            Watch watch;
            synchronized (DivvyClient.this) {
                watch = watches.get(report.taskId());
            }
            if (watch != null) {
                watch.progress().accept(report.progress());
            }
        }

        @Override
        public void on(ToSender.Completed completed) {
            Watch watch = ended(completed.taskId());
            if (watch == null) {
                return;
            }
            if (completed.resultAt() == null) {
                watch.result().complete(completed.result());
            } else {
                watch.result()
                        .completeExceptionally(new TaskFailedException(
                                "the result is larger than a message; read it over HTTP from " + completed.resultAt(),
                                null));
            }
        }

        @Override
        public void on(ToSender.Failed failed) {
            Watch watch = ended(failed.taskId());
            if (watch != null) {
                watch.result()
                        .completeExceptionally(
                                new TaskFailedException(failed.error().message(), failed.error()));
            }
        }

        @Override
        public void on(ToSender.Cancelled cancelled) {
            Watch watch = ended(cancelled.taskId());
            if (watch != null) {
                watch.result().completeExceptionally(new TaskFailedException("the task was cancelled", null));
            }
        }

        @Override
        public void on(ToSender.Unknown message) {
            // A later version says more than this one understands; the protocol wants it ignored.
        }

        private @Nullable Watch ended(String taskId) {
            synchronized (DivvyClient.this) {
                return watches.remove(taskId);
            }
        }
    }
}
