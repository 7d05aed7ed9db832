package io.divvy.worker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.task.TaskTypes;
import io.divvy.testing.BlackHole;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The worker that ships and the real server, with a box between them that cuts their connection. */
class CutConnectionTest {
    private static final int CUTS = 4;

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void aSubtaskThatOutlastsSeveralConnectionsIsRunOnceAndCounts() throws Exception {
        Letters type = new Letters((payload, context) -> {
            runs.incrementAndGet();
            begun.countDown();
            end.await();
            return payload;
        });
        try (TcpServer server = TcpServer.start(new TaskTypes(List.of(type)));
                BlackHole box = new BlackHole(server.address());
                WirePeer sender = WirePeer.sender(server);
                RunningWorker worker = new RunningWorker(box.address(), 1, type, ProtocolLimits.SERVER_SILENCE_MS)) {
            sender.send("{'type':'submit','request':1,'task':{'type':'letters','params':{},'subtasks':1}}");
            String id = sender.receive("accepted").get("task_id").textValue();
            assertTrue(begun.await(20, TimeUnit.SECONDS));
            for (int cut = 1; cut <= CUTS; cut++) {
                box.cut();
                int connections = cut + 1;
                await().until(() -> box.connections() == connections);
                await().until(() -> leased(sender, id) == 1);
            }
            end.countDown();
            JsonNode completed = sender.receiveAfter("completed", "task");
            assertEquals(0, completed.get("result").intValue());
            assertEquals(1, runs.get(), "it was carried on with");
            assertTrue(worker.worker().doubt() == null);
        } finally {
            end.countDown();
        }
    }

    private static long leased(WirePeer sender, String id) {
        sender.send("{'type':'status','request':2,'task_id':'" + id + "'}");
        return sender.receive("task").at("/task/progress/leased").longValue();
    }
}
