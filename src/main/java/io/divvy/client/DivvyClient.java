package io.divvy.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.net.HostAndPort;
import io.divvy.protocol.Progress;
import io.divvy.protocol.TaskView;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a Divvy server, to submit tasks and to wait for them. A complete program:
 *
 * <pre>{@code
 * import io.divvy.client.DivvyClient;
 * import io.divvy.client.TaskFailedException;
 * import io.divvy.client.TaskHandle;
 * import io.divvy.client.TaskRequest;
 *
 * public class SumOfSquares {
 *     public static void main(String[] args) throws Exception {
 *         try (DivvyClient client = DivvyClient.connect("127.0.0.1", 5000)) {
 *             TaskRequest request = TaskRequest.of("sum_of_squares")
 *                     .param("start", 1)
 *                     .param("end", 1_000_000)
 *                     .subtasks(100);
 *             TaskHandle task = client.submit(
 *                     request, progress -> System.err.println(progress.done() + " of " + progress.total()));
 *             System.err.println("submitted as " + task.id());
 *             try {
 *                 System.out.println(task.await());
 *             } catch (TaskFailedException e) {
 *                 System.err.println("no result: " + e.getMessage());
 *             }
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p><b>Lost connections.</b> A connection on which a server that sends heartbeats says nothing for
 * {@link ClientOptions#silence} counts as lost. When the connection is lost while somebody waits, the client connects again: after 100 ms,
 * then after twice as long each time, up to 2 s. It attaches to every task that is waited for and asks again what was not
 * answered; handles complete, and progress goes on, as if nothing had happened. For that, a submission without a
 * {@code key} gets a random one (a UUID), so that it is one task however often it is sent. A server that is there again and
 * too busy to take what is asked again is asked until it does, at the times that it names. If there is no server for
 * {@link ClientOptions#reconnectFor} (30 s by default), all that waits fails with a {@link ConnectionLostException}. If the
 * server is there again but does not know a task any more, because it keeps tasks in memory, the task's handle fails with a
 * {@link TaskLostException}. A connection that is lost while nobody waits is made anew when it is needed.
 *
 * <p><b>Threads.</b> Any number of threads may use a client. Progress callbacks, and whatever hangs on its futures, run on one
 * thread of the client, one after the other, in the order of the server's messages, and hold no lock. They may call the
 * methods that end in {@code Async}; the ones that wait throw an {@link IllegalStateException} there. What they throw is
 * logged. While a callback is slow, it misses progress reports; it always gets the newest.
 *
 * <p><b>Waiting.</b> A method that waits can be interrupted; what it asked for goes on. A submission that was interrupted may
 * or may not be a task then; with a {@code key}, submit it again to find out.
 */
public final class DivvyClient implements AutoCloseable {
    private final CallbackThread callbacks;
    private final Conversation conversation;
    private final Link link;

    private DivvyClient(CallbackThread callbacks, Conversation conversation, Link link) {
        this.callbacks = callbacks;
        this.conversation = conversation;
        this.link = link;
    }

    /** Connects with {@link ClientOptions#DEFAULT}. */
    public static DivvyClient connect(String host, int port) throws IOException {
        return connect(InetSocketAddress.createUnresolved(host, port));
    }

    /** Connects with {@link ClientOptions#DEFAULT}. */
    public static DivvyClient connect(InetSocketAddress address) throws IOException {
        return connect(address, ClientOptions.DEFAULT);
    }

    /**
     * Connects and says hello, with one try.
     *
     * @param address resolved again for each connection if it is unresolved
     * @throws IOException if there is no server that speaks protocol 2, or it does not want this client
     */
    public static DivvyClient connect(InetSocketAddress address, ClientOptions options) throws IOException {
        return connect(List.of(address), options);
    }

    /**
     * Connects to one of several servers that have the same tasks, now and whenever the connection is lost: to the first that
     * welcomes this client, and later to the one that did last, if it still does.
     *
     * @param servers resolved again for each connection where they are unresolved
     * @throws IOException if none of them speaks protocol 2 and wants this client; it says why the first does not
     */
    public static DivvyClient connect(List<InetSocketAddress> servers, ClientOptions options) throws IOException {
        CallbackThread callbacks = new CallbackThread();
        String names = servers.stream().map(HostAndPort::text).collect(Collectors.joining(", "));
        Conversation conversation = new Conversation(names, callbacks);
        try {
            return new DivvyClient(callbacks, conversation, Link.open(servers, options, conversation));
        } catch (IOException e) {
            callbacks.close();
            throw e;
        }
    }

    /** Where the HTTP API of the server is; null if it has none, or is of a version that does not say. */
    public @Nullable URI httpApi() {
        return link.httpApi();
    }

    /**
     * Submits a task and waits until it is accepted.
     *
     * @throws TaskRefusedException if the server does not take it: its code says why, its message what was expected
     * @throws IOException if the connection is lost for too long, or the client closed
     */
    public TaskHandle submit(TaskRequest request) throws TaskRefusedException, IOException, InterruptedException {
        return callbacks.await(submitAsync(request), TaskRefusedException.class);
    }

    /**
     * Submits a task and waits until it is accepted.
     *
     * @param onProgress hears where the subtasks are, at most ten times a second
     * @throws TaskRefusedException if the server does not take it: its code says why, its message what was expected
     * @throws IOException if the connection is lost for too long, or the client closed
     */
    public TaskHandle submit(TaskRequest request, Consumer<Progress> onProgress)
            throws TaskRefusedException, IOException, InterruptedException {
        return callbacks.await(submitAsync(request, onProgress), TaskRefusedException.class);
    }

    /** Like {@link #submit(TaskRequest)}, for a task object as in the protocol's description. */
    public TaskHandle submit(ObjectNode task) throws TaskRefusedException, IOException, InterruptedException {
        return callbacks.await(submitAsync(task), TaskRefusedException.class);
    }

    /** Like {@link #submit(TaskRequest, Consumer)}, for a task object as in the protocol's description. */
    public TaskHandle submit(ObjectNode task, Consumer<Progress> onProgress)
            throws TaskRefusedException, IOException, InterruptedException {
        return callbacks.await(submitAsync(task, onProgress), TaskRefusedException.class);
    }

    /** Submits a task; the future fails with what {@link #submit(TaskRequest)} throws. */
    public CompletableFuture<TaskHandle> submitAsync(TaskRequest request) {
        return conversation.submit(request.toJson(), null);
    }

    /** Submits a task; the future fails with what {@link #submit(TaskRequest, Consumer)} throws. */
    public CompletableFuture<TaskHandle> submitAsync(TaskRequest request, Consumer<Progress> onProgress) {
        return conversation.submit(request.toJson(), onProgress);
    }

    /** Submits a task object; it may be changed afterwards. */
    public CompletableFuture<TaskHandle> submitAsync(ObjectNode task) {
        return conversation.submit(task, null);
    }

    /** Submits a task object; it may be changed afterwards. */
    public CompletableFuture<TaskHandle> submitAsync(ObjectNode task, Consumer<Progress> onProgress) {
        return conversation.submit(task, onProgress);
    }

    /**
     * A handle of a task that was submitted before, by anybody, even one that has ended.
     *
     * @throws TaskRefusedException {@code not_found} if the server does not know it
     */
    public TaskHandle attach(String taskId) throws TaskRefusedException, IOException, InterruptedException {
        return callbacks.await(attachAsync(taskId), TaskRefusedException.class);
    }

    /** Like {@link #attach(String)}. {@code onProgress} hears where the subtasks are, at most ten times a second. */
    public TaskHandle attach(String taskId, Consumer<Progress> onProgress)
            throws TaskRefusedException, IOException, InterruptedException {
        return callbacks.await(attachAsync(taskId, onProgress), TaskRefusedException.class);
    }

    /** The future fails with what {@link #attach(String)} throws. */
    public CompletableFuture<TaskHandle> attachAsync(String taskId) {
        return conversation.attach(taskId, null);
    }

    /** The future fails with what {@link #attach(String)} throws. */
    public CompletableFuture<TaskHandle> attachAsync(String taskId, Consumer<Progress> onProgress) {
        return conversation.attach(taskId, onProgress);
    }

    /**
     * The task as it is now. A result that is too large for a message is null in it.
     *
     * @throws TaskRefusedException {@code not_found} if the server does not know it
     */
    public TaskView status(String taskId) throws TaskRefusedException, IOException, InterruptedException {
        return callbacks.await(statusAsync(taskId), TaskRefusedException.class);
    }

    /** The future fails with what {@link #status} throws. */
    public CompletableFuture<TaskView> statusAsync(String taskId) {
        return conversation.status(taskId);
    }

    /**
     * Cancels the task if it has not ended, waits for its end, and returns its view, which says how it ended. One that had
     * ended before stays as it was.
     *
     * @throws TaskRefusedException {@code not_found} if the server does not know it
     */
    public TaskView cancel(String taskId) throws TaskRefusedException, IOException, InterruptedException {
        return callbacks.await(cancelAsync(taskId), TaskRefusedException.class);
    }

    /** The future fails with what {@link #cancel} throws. */
    public CompletableFuture<TaskView> cancelAsync(String taskId) {
        return conversation.cancel(taskId);
    }

    /**
     * Ends the connection. Tasks go on. What waits fails with a {@link ClientClosedException}. Waits until the threads of the
     * client have ended, for a callback that is running at most 5 s; a callback may call this, and then it does not wait for
     * itself.
     */
    @Override
    public void close() {
        conversation.close();
        link.close();
        callbacks.close();
    }
}
