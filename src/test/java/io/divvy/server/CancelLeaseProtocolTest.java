package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A copy makes way for other work, as its worker sees it. */
class CancelLeaseProtocolTest {
    private final TcpServer server = TcpServer.start();
    private final WirePeer sender = WirePeer.sender(server);
    private final WirePeer ann = WirePeer.worker(server, 1);
    private final WirePeer bob = WirePeer.worker(server, 1);

    @AfterEach
    void stop() {
        ann.vanish();
        bob.vanish();
        sender.vanish();
        server.close();
    }

    private String submit() {
        sender.send("{'type':'submit','task':{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':1}}");
        return sender.receive("accepted").get("task_id").textValue();
    }

    /** Ann runs a task, bob its copy, and then another task comes. Returns the copy. */
    private JsonNode copyInTheWay() {
        submit();
        ann.receive("task");
        ann.receive("assign");
        for (int i = 0; i < 5; i++) {
            server.advanceMs(50);
        }
        bob.receive("task");
        JsonNode copy = bob.receive("assign");
        submit();
        assertEquals(copy.get("lease"), bob.receive("cancel_lease").get("lease"));
        return copy;
    }

    @Test
    void aWorkerThatStopsItsCopyGetsTheReadyWork() {
        JsonNode copy = copyInTheWay();
        bob.send("{'type':'released','lease':" + copy.get("lease") + ",'from':0}");
        bob.receive("task");
        bob.answer(bob.receive("assign"));
        assertEquals(14, sender.receive("completed").get("result").intValue());
    }

    @Test
    void aWorkerThatDoesNotKnowCancelLeaseFinishesItsCopy() {
        JsonNode copy = copyInTheWay();
        bob.answer(copy);
        assertEquals(14, sender.receive("completed").get("result").intValue());
        ann.receive("cancel");
        bob.receiveAfter("task", "forget");
        bob.answer(bob.receive("assign"));
        assertEquals(14, sender.receive("completed").get("result").intValue());
    }
}
