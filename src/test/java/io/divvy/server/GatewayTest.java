package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.testing.RunningServer;
import io.divvy.testing.TcpServer;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class GatewayTest {
    /** Else a sender that waits for many short tasks fills the memory with their results. */
    @Test
    void aWaitThatIsOverKeepsNothing() throws ProtocolException {
        try (RunningServer server = RunningServer.start()) {
            WeakReference<Supplier<TaskView>> view = waitForTheEnd(server);
            await().until(() -> {
                System.gc();
                return view.refersTo(null);
            });
        }
    }

    @Test
    void anAbandonedWaitLeavesNothingBehind() throws ProtocolException {
        try (TcpServer server = TcpServer.start()) {
            byte[] task = "{\"type\":\"mine\",\"payloads\":[1]}".getBytes(StandardCharsets.UTF_8);
            String id = server.gateway()
                    .submit(TaskObject.read(Json.readObject(task, 0, task.length)))
                    .join()
                    .id();
            int before = server.gauges().deadlines();
            CompletableFuture<Optional<Supplier<TaskView>>> ended =
                    server.gateway().awaitEnd(id, Duration.ofDays(1));
            server.settle();
            assertEquals(before + 1, server.gauges().deadlines());
            assertEquals(1, server.load().desk().watchers());

            ended.cancel(false);
            server.settle();
            assertEquals(before, server.gauges().deadlines());
            assertEquals(0, server.load().desk().watchers());
        }
    }

    @Test
    void aWaitWhoseTimeIsOverSaysHowTheTaskIsAndLeavesNothingBehind() throws ProtocolException {
        try (TcpServer server = TcpServer.start()) {
            byte[] task = "{\"type\":\"mine\",\"payloads\":[1]}".getBytes(StandardCharsets.UTF_8);
            String id = server.gateway()
                    .submit(TaskObject.read(Json.readObject(task, 0, task.length)))
                    .join()
                    .id();
            CompletableFuture<Optional<Supplier<TaskView>>> waited =
                    server.gateway().awaitEnd(id, Duration.ofSeconds(5));
            server.settle();
            server.advanceMs(5_000);
            assertEquals("queued", waited.join().orElseThrow().get().state());
            server.settle();
            assertEquals(0, server.load().desk().watchers());
        }
    }

    private static WeakReference<Supplier<TaskView>> waitForTheEnd(RunningServer server) throws ProtocolException {
        byte[] task = "{\"type\":\"mine\",\"payloads\":[1]}".getBytes(StandardCharsets.UTF_8);
        String id = server.gateway()
                .submit(TaskObject.read(Json.readObject(task, 0, task.length)))
                .join()
                .id();
        CompletableFuture<Optional<Supplier<TaskView>>> ended = server.gateway().awaitEnd(id, Duration.ofDays(1));
        server.startWorker((type, payload) -> payload);
        Supplier<TaskView> found = ended.join().orElseThrow();
        assertEquals("completed", found.get().state());
        return new WeakReference<>(found);
    }
}
