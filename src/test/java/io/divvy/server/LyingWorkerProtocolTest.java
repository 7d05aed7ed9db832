package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.testing.DiligentWorker;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker that does not keep to the protocol. Whatever it says, the answer is right and the ledger adds up. */
class LyingWorkerProtocolTest {
    private final TcpServer server = TcpServer.start();
    private final WirePeer sender = WirePeer.sender(server);

    @AfterEach
    void stop() {
        sender.vanish();
        server.close();
    }

    private String submit(int end, int subtasks) {
        sender.send("{'type':'submit','request':1,'task':{'type':'sum_of_squares','params':{'start':1,'end':" + end
                + "},'subtasks':" + subtasks + "}}");
        return sender.receive("accepted").get("task_id").textValue();
    }

    private JsonNode view(String id) {
        sender.send("{'type':'status','task_id':'" + id + "'}");
        return sender.receive("task").get("task");
    }

    private static String result(JsonNode lease, Object from, Object results) {
        return "{'type':'result','lease':" + lease + ",'from':" + from + ",'results':" + results + "}";
    }

    @Test
    void leasesOfOtherWorkersAndLeasesThatWereNeverGrantedAreUnknown() {
        try (WirePeer honest = WirePeer.worker(server, 1, "'credit':1,'task_types':['*']");
                WirePeer liar = WirePeer.worker(server, 1, "'task_types':['other']")) {
            submit(2, 1);
            honest.receive("task");
            JsonNode assign = honest.receive("assign");
            liar.send(result(assign.get("lease"), 0, "[666]"));
            String unknown = liar.receiveError("unknown_lease");
            assertTrue(unknown.startsWith("lease " + assign.get("lease") + " is not open in this session"), unknown);
            liar.send("{'type':'error','lease':" + assign.get("lease") + ",'index':0,'message':'','retryable':false}");
            liar.receiveError("unknown_lease");
            liar.send("{'type':'result','lease':9007199254740991,'from':0,'results':[1]}");
            liar.receiveError("unknown_lease");
            liar.send("{'type':'heartbeat','leases':{'" + assign.get("lease") + "':1000}}");
            liar.send("{'type':'decline','task_id':'" + assign.get("task_id").textValue() + "'}");
            honest.answer(assign);
            assertEquals(5, sender.receive("completed").get("result").intValue());
        }
    }

    @Test
    void anAnswerThatExceedsItsLeaseIsRefusedWholeAndCostsAnAttempt() {
        try (WirePeer worker = WirePeer.worker(server, 1, "'credit':1,'task_types':['*']")) {
            submit(1, 1);
            worker.receive("task");
            for (String lie : List.of("0,'results':[1,4]", "1,'results':[4]", "1000000000000000,'results':['a']")) {
                JsonNode lease = worker.receive("assign").get("lease");
                worker.send("{'type':'result','lease':" + lease + ",'from':" + lie + "}");
                String refused = worker.receiveError("bad_message");
                assertTrue(refused.startsWith("lease " + lease + " holds the indexes [0, 1)"), refused);
                server.settle();
                server.advanceMs(TcpServer.LONGEST_BACKOFF_MS);
            }
            JsonNode error = sender.receive("failed").get("error");
            assertEquals("subtask_failed", error.get("code").textValue());
            assertEquals(3, error.get("attempts").intValue());
            String message = error.get("message").textValue();
            assertTrue(message.contains("bad_message: lease"), message);
        }
    }

    @Test
    void invalidFieldsAreRefusedAsBadMessage() {
        try (WirePeer worker = WirePeer.worker(server, 1)) {
            for (String lie : List.of(
                    "{'type':'result','lease':1,'from':9223372036854775807,'results':[1,2]}",
                    "{'type':'result','lease':1,'from':-1,'results':[1]}",
                    "{'type':'result','lease':-1,'from':0,'results':[1]}",
                    "{'type':'result','lease':1e3,'from':0,'results':[1]}",
                    "{'type':'result','lease':'1','from':0,'results':[1]}",
                    "{'type':'result','lease':1,'from':0,'results':[]}",
                    "{'type':'result','lease':1,'from':0,'results':{}}",
                    "{'type':'result','lease':1,'from':0}",
                    "{'type':'result','lease':1,'results':[1]}",
                    "{'type':'result','from':0,'results':[1]}",
                    "{'type':'error','lease':1,'index':9223372036854775807,'message':'x'}",
                    "{'type':'error','lease':1,'index':0}",
                    "{'type':'error','lease':1,'index':0,'message':'x','retryable':'yes'}",
                    "{'type':'heartbeat','leases':[]}",
                    "{'type':'heartbeat','leases':{'a':1}}",
                    "{'type':'heartbeat','leases':{'1':'b'}}",
                    "{'type':'decline'}",
                    "{'type':'assign'}")) {
                worker.send(lie);
                worker.receiveError("bad_message");
            }
            submit(3, 1);
            worker.receive("task");
            worker.answer(worker.receive("assign"));
            assertEquals(14, sender.receive("completed").get("result").intValue());
        }
    }

    @Test
    void aResultOfTheWrongTypeCostsAnAttemptOfThatSubtaskAlone() {
        try (WirePeer worker = WirePeer.worker(server, 4, "'credit':4,'task_types':['*']")) {
            String id = submit(8, 8);
            worker.receive("task");
            JsonNode assign = worker.receive("assign");
            assertEquals(4, assign.get("to").intValue());
            worker.send(result(assign.get("lease"), 0, "[1,'four',9,{'a':[null]}]"));
            server.settle();
            JsonNode view = view(id);
            assertEquals(2, view.at("/progress/done").intValue());
            assertEquals(2, view.get("retries").intValue());
            server.advanceMs(TcpServer.LONGEST_BACKOFF_MS);
            for (int done = 2; done < 8; ) {
                JsonNode next = worker.receive("assign");
                worker.answer(next);
                done += next.get("to").intValue() - next.get("from").intValue();
            }
            assertEquals(204, sender.receive("completed").get("result").intValue());
        }
    }

    @Test
    void anInvalidNumberAmongValidOnesCostsAnAttemptOfThatSubtaskAlone() {
        try (WirePeer worker = WirePeer.worker(server, 2, "'credit':2,'task_types':['*']")) {
            sender.send("{'type':'submit','task':{'type':'monte_carlo_pi','params':{'samples':400,'seed':1},"
                    + "'subtasks':4,'max_attempts':1,'on_failure':'continue'}}");
            sender.receive("accepted");
            worker.receive("task");
            JsonNode assign = worker.receive("assign");
            worker.send(result(assign.get("lease"), 0, "[78,-5]"));
            for (int subtask = 2; subtask < 4; subtask++) {
                JsonNode next = worker.receive("assign");
                worker.send(result(next.get("lease"), next.get("from").longValue(), "[78]"));
            }
            JsonNode answer = sender.receive("completed").get("result");
            assertEquals("234 of 300", answer.get("hits") + " of " + answer.get("samples"));
        }
    }

    @Test
    void duplicatesAreDroppedAndCounted() {
        try (WirePeer worker = WirePeer.worker(server, 4, "'credit':4,'task_types':['*']")) {
            String id = submit(8, 8);
            worker.receive("task");
            JsonNode assign = worker.receive("assign");
            worker.send(result(assign.get("lease"), 0, "[1,4]"));
            worker.send(result(assign.get("lease"), 1, "[4000,9]"));
            worker.send(result(assign.get("lease"), 0, "[1000,4000,9000]"));
            server.settle();
            JsonNode view = view(id);
            assertEquals(3, view.at("/progress/done").intValue());
            assertEquals(4, view.get("duplicates").intValue());
            worker.send(result(assign.get("lease"), 0, "[1000,4000,9000,16]"));
            for (int done = 4; done < 8; ) {
                JsonNode next = worker.receive("assign");
                worker.answer(next);
                done = next.get("to").intValue();
            }
            assertEquals(204, sender.receive("completed").get("result").intValue());
        }
    }

    @Test
    void aFloodOfWrongResultsIsRefusedOnce() {
        try (WirePeer worker = WirePeer.worker(server, 1, "'credit':1,'task_types':['*']")) {
            submit(1, 1);
            worker.receive("task");
            JsonNode assign = worker.receive("assign");
            worker.send(result(assign.get("lease"), 0, Collections.nCopies(1_000_000, "''")));
            worker.receiveError("bad_message");
            server.settle();
            assertEquals(0, worker.available());
            server.advanceMs(TcpServer.LONGEST_BACKOFF_MS);
            worker.answer(worker.receive("assign"));
            assertEquals(1, sender.receive("completed").get("result").intValue());
        }
    }

    @Test
    void aFrameThatIsTooLongEndsOnlyTheConnectionOfTheLiar() {
        WirePeer liar = WirePeer.worker(server, 1);
        submit(3, 3);
        liar.receive("task");
        JsonNode assign = liar.receive("assign");
        liar.send(result(assign.get("lease"), 0, "[1]"));
        liar.sendBytes((byte) 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff);
        while (!liar.receive().get("type").textValue().equals("error")) {
            // What came before.
        }
        server.settle();
        server.advanceMs(TcpServer.LONGEST_BACKOFF_MS);
        try (DiligentWorker honest = new DiligentWorker(server, 1)) {
            assertEquals(14, sender.receive("completed").get("result").intValue());
            assertTrue(honest.isAlive());
        }
        liar.vanish();
    }

    @Test
    void aLiarAmongHonestWorkersDoesNotChangeTheAnswer() {
        try (DiligentWorker honest = new DiligentWorker(server, 2);
                WirePeer liar = WirePeer.worker(server, 2)) {
            sender.send("{'type':'submit','request':1,'task':{'type':'sum_of_squares',"
                    + "'params':{'start':1,'end':20000},'subtasks':20000,'max_attempts':1000}}");
            String id = sender.receive("accepted").get("task_id").textValue();
            liar.receive("task");
            JsonNode first = liar.receive("assign");
            for (int i = 0; i < 300; i++) {
                liar.send(result(first.get("lease"), first.get("from").intValue() + i, "[7,'x',null]"));
                liar.send(result(first.get("lease"), first.get("to").intValue() - 1, "[true]"));
                liar.send("{'type':'result','lease':" + (first.get("lease").longValue() + i) + ",'from':" + i
                        + ",'results':['" + i + "']}");
                liar.send("{'type':'error','lease':" + first.get("lease") + ",'index':" + i + ",'message':'no'}");
                liar.send("{'type':'heartbeat','leases':{'" + first.get("lease") + "':" + 10L * i + "}}");
            }
            liar.vanish();
            server.awaitConnections(2); // All that it said has come, however many turns that took.
            server.advanceMs(TcpServer.LONGEST_BACKOFF_MS);
            // 20000 * 20001 * 40001 / 6
            assertEquals(
                    2_666_866_670_000L,
                    sender.receive("completed").get("result").longValue());
            assertTrue(honest.isAlive());
            assertEquals(20_000, view(id).at("/progress/done").intValue());
        }
    }
}
