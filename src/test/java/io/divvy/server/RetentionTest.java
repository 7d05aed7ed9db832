package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.protocol.TaskView;
import io.divvy.store.Retention;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A server forgets finished tasks by itself. */
class RetentionTest {
    private static final long RETAIN_MS = 60_000;

    private static String finishOne(WirePeer sender) {
        sender.send("{'type':'submit','request':1,'task':{'type':'mine','payloads':[1]}}");
        String id = sender.receive("accepted").get("task_id").textValue();
        sender.send("{'type':'cancel','request':2,'task_id':'" + id + "'}");
        sender.receive("cancelled");
        return id;
    }

    private static boolean isThere(TcpServer server, String id) {
        return server.gateway().find(id).orTimeout(20, TimeUnit.SECONDS).join().isPresent();
    }

    @Test
    void aFinishedTaskIsForgottenWhenItsTimeIsUp() {
        try (TcpServer server = TcpServer.start(new Retention(RETAIN_MS, 1_000, 1 << 30));
                WirePeer sender = WirePeer.sender(server)) {
            String id = finishOne(sender);
            server.advanceMs(RETAIN_MS - 1);
            assertTrue(isThere(server, id));
            server.advanceMs(1);
            await().until(() -> !isThere(server, id));
        }
    }

    @Test
    void theOldestIsForgottenWhenThereAreTooMany() {
        try (TcpServer server = TcpServer.start(new Retention(RETAIN_MS, 3, 1 << 30));
                WirePeer sender = WirePeer.sender(server)) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                ids.add(finishOne(sender));
                server.advanceMs(1);
            }
            await().until(() -> kept(server).size() <= 3);
            assertEquals(List.of(ids.get(4), ids.get(3), ids.get(2)), kept(server));
        }
    }

    private static List<String> kept(TcpServer server) {
        return server
                .gateway()
                .list(new TaskQuery(null, null, Map.of(), null, 10))
                .orTimeout(20, TimeUnit.SECONDS)
                .join()
                .views()
                .stream()
                .map(TaskView::id)
                .toList();
    }
}
