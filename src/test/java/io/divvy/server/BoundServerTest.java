package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.net.FrameSocket;
import io.divvy.protocol.Frames;
import io.divvy.protocol.Hello;
import io.divvy.protocol.Plain;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.store.Retention;
import io.divvy.store.TaskStore;
import io.divvy.store.UnfinishedTask;
import io.divvy.task.TaskTypes;
import io.divvy.testing.RealTimeConfig;
import io.divvy.testing.TestStores;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server has its port before it takes anything, so that it can be left alone if another port is not to be had. */
@Timeout(30)
class BoundServerTest {
    private static DivvyServer bind(int port) throws IOException {
        return bind(port, TestStores.open(Retention.DEFAULT));
    }

    private static DivvyServer bind(int port, TaskStore store) throws IOException {
        return DivvyServer.bind(RealTimeConfig.of(port, ServerLimits.DEFAULT), TaskTypes.builtin(), store);
    }

    @Test
    void framesThatComeBeforeTheStartAreReadAtTheStart() throws Exception {
        try (DivvyServer server = bind(0);
                FrameSocket sender = FrameSocket.connect(server.address(), 5_000, ProtocolLimits.MAX_FRAME_BYTES)) {
            sender.send(Frames.encode(new Hello.PlainSender()));
            sender.send(Frames.encode(new Plain.Task("no good", BigInteger.ONE, BigInteger.TWO, 1)));
            CompletableFuture<List<StuckType>> alive = server.gateway().ready();
            assertThrows(TimeoutException.class, () -> alive.get(200, TimeUnit.MILLISECONDS));

            server.start();
            String answer = new String(sender.receive(), StandardCharsets.UTF_8);
            assertTrue(answer.contains("failed"), answer);
            assertEquals(List.of(), alive.join());
        }
    }

    @Test
    void aServerThatBreaksBeforeItsFirstTurnGivesItsPortBackAndFailsItsWaiters() throws Exception {
        DivvyServer server = bind(0, unfinishedTwice());
        CompletableFuture<?> alive = server.gateway().ready();
        CompletableFuture<Boolean> deleted = server.gateway().delete("squares");
        server.start();
        server.awaitStop();
        assertThrows(ExecutionException.class, () -> alive.get(20, TimeUnit.SECONDS));
        assertThrows(ExecutionException.class, () -> deleted.get(20, TimeUnit.SECONDS), "it does nothing any more");
        assertThrows(
                ExecutionException.class, () -> server.gateway().ready().get(20, TimeUnit.SECONDS), "nor does another");
        bind(server.address().getPort()).close();
    }

    /** A store that was tampered with: the core cannot take the same task twice. */
    private static TaskStore unfinishedTwice() {
        TaskStore memory = TestStores.open(Retention.DEFAULT);
        UnfinishedTask task = new UnfinishedTask(
                new TaskId("squares"),
                null,
                "{\"type\":\"mine\",\"payloads\":[1]}".getBytes(StandardCharsets.UTF_8),
                "",
                true,
                1,
                0,
                TaskPatch.NONE,
                new TaskProgress(null, 0, 0, 1, ""),
                List.of());
        return (TaskStore) Proxy.newProxyInstance(
                BoundServerTest.class.getClassLoader(),
                new Class<?>[] {TaskStore.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("recover")) {
                        @SuppressWarnings("unchecked")
                        Consumer<UnfinishedTask> found = (Consumer<UnfinishedTask>) arguments[0];
                        found.accept(task);
                        found.accept(task);
                        return null;
                    }
                    return method.invoke(memory, arguments);
                });
    }

    @Test
    void aServerThatIsClosedWithoutAStartGivesItsPortBackAndFailsItsWaiters() throws Exception {
        DivvyServer server = bind(0);
        CompletableFuture<List<StuckType>> alive = server.gateway().ready();
        server.close();
        alive.handle((yes, failure) -> "answered").get(20, TimeUnit.SECONDS);
        try (DivvyServer next = bind(server.address().getPort())) {
            assertEquals(server.address(), next.address());
            assertFalse(next.gateway().ready().isDone());
        }
        server.start(); // Too late, and without effect.
    }
}
