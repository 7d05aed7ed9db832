package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.testing.TcpServer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One list of what the core and the store have. */
class TaskListTest {
    private TcpServer server;

    @BeforeEach
    void start() {
        server = TcpServer.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private CompletableFuture<String> submit(String label) throws ProtocolException {
        byte[] json = ("{\"type\":\"mine\",\"payloads\":[1],\"labels\":{\"colour\":\"" + label + "\"}}")
                .getBytes(StandardCharsets.UTF_8);
        return server.gateway()
                .submit(TaskObject.read(Json.readObject(json, 0, json.length)))
                .thenApply(submitted -> submitted.id());
    }

    private static <T> T answer(CompletableFuture<T> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private TaskPage red(@Nullable String cursor) {
        return answer(server.gateway().list(new TaskQuery(null, null, Map.of("colour", "red"), cursor, 10)));
    }

    private static List<String> ids(TaskPage page) {
        return page.views().stream().map(TaskView::id).toList();
    }

    @Test
    void aPageGoesNoFurtherThanBothHaveLooked() throws ProtocolException {
        String finished = answer(submit("red"));
        answer(server.gateway().cancel(finished));
        server.advanceMs(1);
        String open = answer(submit("red"));
        server.advanceMs(1);
        List<CompletableFuture<String>> blue = new ArrayList<>();
        for (int i = 0; i < TaskList.OPEN_TASKS_PER_PAGE; i++) {
            blue.add(submit("blue"));
        }
        blue.forEach(TaskListTest::answer);

        TaskPage first = red(null);
        assertEquals(
                List.of(), ids(first), "the finished one must not come before the open one that nobody looked at yet");
        TaskPage second = red(assertNotNullCursor(first));
        assertEquals(List.of(open, finished), ids(second));
        assertNull(second.nextCursor());
    }

    private static String assertNotNullCursor(TaskPage page) {
        assertNotNull(page.nextCursor());
        return page.nextCursor();
    }

    @Test
    void aTaskThatEndsBetweenTwoPagesIsSeenOnce() throws ProtocolException {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ids.add(0, answer(submit("red")));
            server.advanceMs(1);
        }
        List<String> seen = new ArrayList<>();
        TaskPage page = answer(server.gateway().list(new TaskQuery(null, null, Map.of(), null, 2)));
        seen.addAll(ids(page));
        answer(server.gateway().cancel(ids.get(1)));
        answer(server.gateway().cancel(ids.get(2)));
        seen.addAll(ids(red(page.nextCursor())));
        assertEquals(ids, seen);
    }
}
