package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.WorkerStatus;
import io.divvy.testing.SumOfSquaresTask;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Workers that are asked to leave, over real sockets. */
class DrainedWorkerTest {
    private TcpServer server;
    private WirePeer sender;

    @BeforeEach
    void start() {
        server = TcpServer.start();
        sender = WirePeer.sender(server);
    }

    @AfterEach
    void stop() {
        sender.close();
        server.close();
    }

    private Optional<WorkerStatus> drain(long worker) {
        return server.gateway().drain(worker).orTimeout(20, TimeUnit.SECONDS).join();
    }

    private List<WorkerStatus> workers() {
        return server.gateway().workers().orTimeout(20, TimeUnit.SECONDS).join();
    }

    private void submit(int subtasks) {
        sender.send("{'type':'submit','request':1,'task':" + new SumOfSquaresTask(4, subtasks).toJson() + "}");
        sender.receive("accepted");
    }

    @Test
    void aWorkerIsToldToGoAwayAndGetsNothingNew() {
        try (WirePeer worker = WirePeer.worker(server, 1, "'name':'ann','credit':1,'task_types':['*']")) {
            submit(2);
            worker.receive("task");
            JsonNode first = worker.receive("assign");
            assertTrue(drain(1).orElseThrow().draining());
            assertFalse(worker.receive("goaway").get("reconnect").booleanValue(), "it is not wanted any more");

            worker.answer(first);
            server.settle();
            assertEquals(0, worker.available(), "nothing new comes");
            WorkerStatus shown = workers().get(0);
            assertEquals("ann", shown.name());
            assertEquals(1, shown.subtasksDone());
            assertEquals(0, shown.openLeases());
        }
    }

    @Test
    void aPlainWorkerIsDisconnectedOnceItHasAnswered() {
        try (WirePeer plain = WirePeer.plainWorker(server)) {
            submit(2);
            JsonNode first = plain.receive();
            WorkerStatus drained = drain(1).orElseThrow();
            assertTrue(drained.draining());
            assertEquals(1, drained.dialect());
            assertEquals(List.of("sum_of_squares"), List.copyOf(drained.taskTypes()));
            server.settle();
            assertEquals(0, plain.available(), "its dialect has no word for it");

            plain.answerPlainly(first);
            plain.receiveEnd();
            server.settle();
            assertEquals(List.of(), workers());
        }
    }

    @Test
    void anIdlePlainWorkerIsDisconnectedAtOnceAndShownAsItWas() {
        try (WirePeer plain = WirePeer.plainWorker(server)) {
            assertTrue(drain(1).orElseThrow().draining());
            plain.receiveEnd();
            assertEquals(Optional.empty(), drain(1), "it is gone");
        }
    }
}
