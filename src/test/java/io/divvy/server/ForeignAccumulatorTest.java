package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.store.Retention;
import io.divvy.store.sqlite.SqliteStore;
import io.divvy.task.JsonText;
import io.divvy.task.TaskTypes;
import io.divvy.task.builtin.SumOfSquares;
import io.divvy.testing.RealTimeConfig;
import io.divvy.testing.Unruly;
import io.divvy.testing.WirePeer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a combiner that is foreign code has folded is stored by that code, and nobody waits for it. */
@Timeout(60)
class ForeignAccumulatorTest {
    @TempDir
    private Path data;

    private final Unruly unruly = new Unruly();
    private DivvyServer server;

    private void start() throws IOException {
        server = DivvyServer.start(
                RealTimeConfig.of(
                        0,
                        ServerLimits.DEFAULT.with(draft ->
                                draft.types = ServerLimits.DEFAULT.types().withCallMs(1_000))),
                new TaskTypes(List.of(unruly, new SumOfSquares())),
                SqliteStore.open(data, Retention.DEFAULT));
    }

    @AfterEach
    void stop() {
        unruly.letGo();
        server.close();
    }

    private String submit(String task) throws Exception {
        return server.gateway()
                .submit(TaskObject.read(JsonText.object(task.replace('\'', '"'))))
                .get(20, TimeUnit.SECONDS)
                .id();
    }

    private TaskView awaitEnd(String id) {
        return server.gateway()
                .awaitEnd(id, Duration.ofSeconds(30))
                .orTimeout(40, TimeUnit.SECONDS)
                .join()
                .orElseThrow()
                .get();
    }

    private WirePeer worker() {
        WirePeer worker = WirePeer.connect(server.address());
        worker.send("{'type':'worker','protocol':2,'slots':1,'credit':1,'acks':true,'task_types':['*']}");
        worker.receive("welcome");
        return worker;
    }

    /** Answers the lease, and returns how many subtasks it had. */
    private static long answer(WirePeer worker, JsonNode lease) {
        long from = lease.get("from").longValue();
        long to = lease.get("to").longValue();
        worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':" + from + ",'results':["
                + "1,".repeat((int) (to - from - 1)) + "1]}");
        return to - from;
    }

    @Test
    void anAccumulatorOfForeignCodeIsThereAfterARestart() throws Exception {
        start();
        String id = submit("{'type':'unruly'}");
        long done;
        try (WirePeer worker = worker()) {
            done = answer(worker, worker.receiveAfter("assign", "task"));
            worker.receiveAfter("ack", "task", "assign", "heartbeat");
        }
        assertTrue(done < 4, "something is left to be done");
        server.close();

        start();
        try (WirePeer worker = worker()) {
            while (done < 4) {
                done += answer(worker, worker.receiveAfter("assign", "task", "ack", "heartbeat"));
            }
            TaskView task = awaitEnd(id);
            assertEquals("completed", task.state());
            assertEquals("4", task.result().toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hang", "memory", "unreadable"})
    void anAccumulatorThatCannotBeStoredFailsItsTaskAlone(String how) throws Exception {
        start();
        String id = submit("{'type':'unruly','params':{'at':'toStored','how':'" + how + "'}}");
        try (WirePeer worker = worker()) {
            answer(worker, worker.receiveAfter("assign", "task"));
            // The commits of others are behind it, and do not wait for it.
            String other = submit("{'type':'echo','payloads':[],'combine':'count'}");
            assertEquals("completed", awaitEnd(other).state());
            TaskView task = awaitEnd(id);
            assertEquals("failed", task.state());
            assertEquals("task_type_failed", task.error().code());
            worker.receiveAfter("forget", "task", "assign", "cancel", "ack", "heartbeat");
        }
        server.close();
        start();
        assertEquals("failed", awaitEnd(id).state());
    }
}
