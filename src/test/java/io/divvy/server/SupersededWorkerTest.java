package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A box in the middle forgets a connection, and only the worker's side sees it: it is back while the old one is open. */
class SupersededWorkerTest {
    /** More than there would be losses that are taken back, and deaths until it is poison. */
    private static final int TIMES = 15;

    private final TcpServer server = TcpServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aWorkerThatIsBackBeforeItsLossIsSeenDidNotDieAndGetsItsLeaseAtOnce() {
        try (WirePeer sender = WirePeer.sender(server)) {
            sender.send("{'type':'submit','request':1,'task':{'type':'echo','payloads':[7]}}");
            sender.receive("accepted");
            WirePeer open = join("one");
            for (int time = 0; time < TIMES; time++) {
                open.receive("task");
                open.receive("assign");
                WirePeer next = join("one");
                open.receiveEnd();
                open.close();
                open = next;
            }
            answer(open);
            JsonNode completed = sender.receiveAfter("completed", "task");
            assertEquals(7, completed.at("/result/0").intValue());
            open.close();
        }
    }

    @Test
    void anotherInstanceOfThatNameIsAnotherWorker() {
        try (WirePeer one = join("one");
                WirePeer sender = WirePeer.sender(server)) {
            try (WirePeer other = WirePeer.connect(server.address())) {
                other.send("{'type':'worker','protocol':2,'name':'w','instance':'two','task_types':['other']}");
                other.receive("welcome");
                sender.send("{'type':'submit','request':1,'task':{'type':'echo','payloads':[7]}}");
                sender.receive("accepted");
                answer(one);
                sender.receiveAfter("completed", "task");
            }
        }
    }

    private WirePeer join(String instance) {
        WirePeer worker = WirePeer.connect(server.address());
        worker.send("{'type':'worker','protocol':2,'name':'w','instance':'" + instance + "','task_types':['echo']}");
        worker.receive("welcome");
        return worker;
    }

    private static void answer(WirePeer worker) {
        worker.receive("task");
        JsonNode lease = worker.receive("assign");
        worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':0,'results':[7]}");
    }
}
