package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.scheduler.Limits;
import io.divvy.testing.DiligentWorker;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** A peer may be cut off at any byte: that is its own loss and nobody else's. */
class VanishingPeersTest {
    @Test
    void aWorkerMayVanishAtAnyByteOfItsConversation() {
        try (TcpServer server = TcpServer.start();
                WirePeer sender = WirePeer.sender(server)) {
            byte[] hello = hello(0);
            byte[] heartbeat = WirePeer.frame("{'type':'heartbeat'}");
            int answerLength = WirePeer.frame("{'type':'result','lease':1000,'from':0,'results':[1]}").length;
            int whole = hello.length + heartbeat.length + answerLength;
            for (int length = 0; length <= whole; length++) {
                sender.send("{'type':'submit','request':1,'task':"
                        + "{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':3}}");
                String id = sender.receive("accepted").get("task_id").textValue();
                try (WirePeer worker = WirePeer.connect(server)) {
                    ByteArrayOutputStream conversation = new ByteArrayOutputStream();
                    conversation.writeBytes(hello(length));
                    conversation.writeBytes(heartbeat);
                    if (length > hello.length + heartbeat.length) {
                        worker.sendBytes(conversation.toByteArray());
                        worker.receive("welcome");
                        worker.receive("task");
                        JsonNode lease = worker.receive("assign").get("lease");
                        byte[] answer =
                                WirePeer.frame("{'type':'result','lease':" + lease + ",'from':0,'results':[1]}");
                        worker.sendBytes(Arrays.copyOf(
                                answer, Math.min(answer.length, length - hello.length - heartbeat.length)));
                    } else {
                        worker.sendBytes(Arrays.copyOf(conversation.toByteArray(), length));
                    }
                }
                server.awaitConnections(1);
                assertEquals(0, server.load().workers(), "cut off after " + length + " bytes");
                try (WirePeer other = WirePeer.worker(server, 3)) {
                    other.receive("task");
                    for (int left = 3 - done(sender, id); left > 0; ) {
                        JsonNode assign = other.receive("assign");
                        other.answer(assign);
                        left -= assign.get("payloads").size();
                    }
                    assertEquals(
                            14, sender.receive("completed").get("result").intValue(), "after " + length + " bytes");
                }
                server.awaitConnections(1);
            }
        }
    }

    /** Each of another name, of the same length: one that dies with one task after the other would be quarantined. */
    private static byte[] hello(int victim) {
        String name = String.format(Locale.ROOT, "victim-%04d", victim);
        return WirePeer.frame("{'type':'worker','protocol':2,'name':'" + name
                + "','slots':1,'credit':2,'task_types':['sum_of_squares']}");
    }

    private static int done(WirePeer sender, String id) {
        sender.send("{'type':'status','task_id':'" + id + "'}");
        return sender.receive("task").at("/task/progress/done").intValue();
    }

    @Test
    void aSenderMayVanishAtAnyByteOfItsConversation() {
        try (TcpServer server = TcpServer.start()) {
            byte[] hello = WirePeer.frame("{'type':'task_sender','protocol':2}");
            byte[] submit = WirePeer.frame("{'type':'submit','progress':true,'task':{'type':'sum_of_squares',"
                    + "'params':{'start':1,'end':3},'key':'the same each time'}}");
            ByteArrayOutputStream conversation = new ByteArrayOutputStream();
            conversation.writeBytes(hello);
            conversation.writeBytes(submit);
            byte[] whole = conversation.toByteArray();
            for (int length = 0; length <= whole.length; length++) {
                try (WirePeer gone = WirePeer.connect(server)) {
                    gone.sendBytes(Arrays.copyOf(whole, length));
                }
                server.awaitVanished(0);
                assertEquals(0, server.load().desk().watchers());
                assertEquals(0, server.load().desk().waitingSubmissions());
                assertEquals(
                        length == whole.length ? 1 : 0, server.load().desk().openTasks(), length + " bytes");
            }
            try (WirePeer again = WirePeer.connect(server);
                    DiligentWorker worker = new DiligentWorker(server, 1)) {
                again.sendBytes(whole);
                again.receive("welcome");
                again.receive("accepted");
                assertEquals(
                        14,
                        again.receiveAfter("completed", "progress")
                                .get("result")
                                .intValue());
                assertTrue(worker.isAlive());
            }
        }
    }

    /** Its task goes on, and nobody waits for it. */
    @Test
    void aPlainSenderMayVanishWhileItsTaskIsSaved() {
        try (TcpServer server = TcpServer.start()) {
            for (int task = 1; task <= 20; task++) {
                WirePeer gone = WirePeer.plainSender(server);
                gone.send("{'task_id':'t" + task + "','range':[1,3],'num_subtasks':1}");
                server.takeTurns(); // It is read, and the store may not have answered.
                gone.reset();
                server.awaitConnections(0);
                assertEquals(new DeskGauges(task, 0, 0), server.load().desk());
            }
        }
    }

    @Test
    void aSubtaskThatTakesDownOneWorkerAfterTheOtherIsGivenUp() {
        try (TcpServer server = TcpServer.start();
                WirePeer sender = WirePeer.sender(server)) {
            sender.send("{'type':'submit','request':1,'task':"
                    + "{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':3}}");
            sender.receive("accepted");
            for (int death = 0; death < Limits.DEFAULT.deathsUntilPoison(); death++) {
                WirePeer victim = WirePeer.worker(server, 1);
                victim.receive("task");
                assertEquals(0, victim.receive("assign").get("from").intValue());
                victim.vanish();
                server.awaitConnections(1);
            }
            JsonNode error = sender.receive("failed").get("error");
            assertEquals("subtask_poisonous", error.get("code").textValue());
            assertEquals(0, error.get("subtask").intValue());
        }
    }
}
