package io.divvy.server.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.task.TaskTypes;
import io.divvy.task.builtin.SumOfSquares;
import io.divvy.testing.TcpServer;
import io.divvy.testing.Unruly;
import io.divvy.testing.WirePeer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a worker says while the code of a task's type still looks at what it said before. */
class SaidInOrderTest {
    private static final String SLOW_LOOK = "{'type':'unruly','params':{'at':'complaint','how':'hang'}}";

    private final Unruly unruly = new Unruly();
    private final TcpServer server = TcpServer.start(new TaskTypes(List.of(unruly, new SumOfSquares())));
    private final WirePeer sender = WirePeer.sender(server);

    @AfterEach
    void stop() {
        unruly.letGo();
        sender.vanish();
        server.close();
    }

    private void submit(String task) {
        sender.send("{'type':'submit','request':1,'task':" + task + "}");
        sender.receiveAfter("accepted", "progress");
    }

    private JsonNode status(JsonNode assign) {
        sender.send("{'type':'status','request':2,'task_id':'"
                + assign.get("task_id").textValue() + "'}");
        return sender.receiveAfter("task", "progress").get("task");
    }

    @Test
    void aReleaseIsOfWhatWasNotAnsweredBefore() {
        try (WirePeer ann = WirePeer.worker(server, 16, "'task_types':['unruly']")) {
            submit(SLOW_LOOK);
            JsonNode assign = ann.receiveAfter("assign", "task");
            String lease = "'lease':" + assign.get("lease");
            assertEquals(2, assign.get("to").intValue(), assign::toString);
            ann.send("{'type':'result'," + lease + ",'from':0,'results':[1,1]}");
            ann.send("{'type':'released'," + lease + ",'from':1}");
            server.settle();
            unruly.letGo();
            answerTheRest(ann);
            assertEquals(0, status(assign).get("retries").intValue());
        }
    }

    @Test
    void aWorkerWhoseAnswerIsLookedAtIsThere() {
        try (WirePeer ann = WirePeer.worker(server, 16, "'task_types':['unruly']")) {
            submit(SLOW_LOOK);
            JsonNode assign = ann.receiveAfter("assign", "task");
            server.advanceMs(14_000);
            ann.send("{'type':'result','lease':" + assign.get("lease") + ",'from':0,'results':[1,1]}");
            server.settle();
            server.advanceMs(2_000);
            unruly.letGo();
            answerTheRest(ann);
            assertEquals(0, status(assign).get("retries").intValue());
        }
    }

    private void answerTheRest(WirePeer worker) {
        for (int answered = 2; answered < 4; ) {
            JsonNode assign = worker.receiveAfter("assign", "revoke", "ack");
            int from = assign.get("from").intValue();
            int count = assign.get("to").intValue() - from;
            worker.send("{'type':'result','lease':" + assign.get("lease") + ",'from':" + from + ",'results':["
                    + "1,".repeat(count - 1) + "1]}");
            answered += count;
        }
        assertEquals(
                4, sender.receiveAfter("completed", "progress").get("result").intValue());
    }

    /** Else it would keep the results for as long as the connection lasts. */
    @Test
    void anOfferThatCannotBeLookedAtIsAnswered() {
        try (WirePeer bob = WirePeer.worker(server, 16, "'task_types':['unruly']")) {
            submit(SLOW_LOOK);
            String task = "";
            for (int subtasks = 0; subtasks < 4; ) {
                JsonNode assign = bob.receiveAfter("assign", "task");
                subtasks += assign.get("to").intValue() - assign.get("from").intValue();
                task = assign.get("task_id").textValue();
            }
            try (WirePeer ann = WirePeer.worker(server, 1, "'task_types':['unruly'],'acks':true")) {
                ann.send("{'type':'result','task_id':'" + task + "','from':0,'results':[1]}");
                server.settle();
                for (int seconds = 0; seconds < 12; seconds++) {
                    server.advanceMs(1_000); // The type's code may take ten.
                }
                sender.receiveAfter("failed", "progress");
                assertEquals(
                        task,
                        ann.receiveAfter("forget", "task", "assign", "cancel", "revoke")
                                .get("task_id")
                                .textValue());
            }
        }
    }
}
