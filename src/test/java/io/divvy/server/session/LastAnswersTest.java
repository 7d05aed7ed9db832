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

/** A worker answers and is gone before the code of the task's type has looked at the answer. */
class LastAnswersTest {
    private final Unruly unruly = new Unruly();
    private final TcpServer server = TcpServer.start(new TaskTypes(List.of(unruly, new SumOfSquares())));
    private final WirePeer sender = WirePeer.sender(server);

    @AfterEach
    void stop() {
        unruly.letGo();
        sender.vanish();
        server.close();
    }

    private String submit(String task) {
        sender.send("{'type':'submit','request':1,'task':" + task + "}");
        return sender.receiveAfter("accepted", "progress").get("task_id").textValue();
    }

    @Test
    void aWorkerWhoseLastAnswersAreLookedAtGetsNoLease() {
        WirePeer ann = WirePeer.worker(server, 16, "'name':'ann','task_types':['*']");
        submit("{'type':'unruly','params':{'at':'complaint','how':'hang'}}");
        JsonNode assign = ann.receiveAfter("assign", "task");
        ann.send("{'type':'result','lease':" + assign.get("lease") + ",'from':" + assign.get("from")
                + ",'results':[1]}");
        server.settle();
        ann.vanish();
        server.awaitConnections(1);
        String next = submit("{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':3}");
        server.settle();
        server.advanceMs(SessionTerms.LAST_ANSWERS_MS);
        sender.send("{'type':'status','request':2,'task_id':'" + next + "'}");
        JsonNode view = sender.receiveAfter("task", "progress").get("task");
        assertEquals(0, view.get("retries").intValue(), view::toString);
    }
}
