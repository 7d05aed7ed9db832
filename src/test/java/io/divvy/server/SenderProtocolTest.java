package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.scheduler.Limits;
import io.divvy.testing.DiligentWorker;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Protocol 2 as a sender sees it: from submit to the end of a task. */
class SenderProtocolTest {
    private static final String SQUARES = "{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':3}";

    private final TcpServer server = TcpServer.start();
    private final WirePeer sender = WirePeer.sender(server);

    @AfterEach
    void stop() {
        sender.vanish();
        server.close();
    }

    private String submit(String task) {
        sender.send("{'type':'submit','request':1,'task':" + task + "}");
        return sender.receive("accepted").get("task_id").textValue();
    }

    private void assertNothingMore(WirePeer peer) {
        server.settle();
        assertEquals(0, peer.available());
    }

    @Test
    void aTaskIsAcceptedReportedAndCompletedInThatOrder() {
        try (WirePeer worker = WirePeer.worker(server, 1, "'credit':1,'task_types':['*']")) {
            sender.send("{'type':'submit','request':7,'progress':true,'task':" + SQUARES + "}");
            JsonNode accepted = sender.receive("accepted");
            assertEquals(7, accepted.get("request").intValue());
            assertEquals(3, accepted.get("subtasks").intValue());
            String id = accepted.get("task_id").textValue();

            worker.receive("task");
            long lastDone = 0;
            for (int i = 0; i < 3; i++) {
                worker.answer(worker.receive("assign"));
                server.settle();
                server.advanceMs(Limits.DEFAULT.progressIntervalMs());
            }
            JsonNode message = sender.receive();
            int reports = 0;
            while (message.get("type").textValue().equals("progress")) {
                assertEquals(id, message.get("task_id").textValue());
                long sum = 0;
                for (String place : List.of("pending", "leased", "done", "failed", "cancelled")) {
                    sum += message.get(place).longValue();
                }
                assertEquals(3, message.get("total").longValue());
                assertEquals(3, sum, message.toString());
                assertTrue(message.get("done").longValue() >= lastDone);
                lastDone = message.get("done").longValue();
                reports++;
                message = sender.receive();
            }
            assertTrue(reports >= 2, reports + " reports");
            assertEquals("{\"type\":\"completed\",\"task_id\":\"" + id + "\",\"result\":14}", message.toString());
            assertNothingMore(sender);
        }
    }

    @Test
    void progressComesAtMostTenTimesASecond() {
        try (WirePeer worker = WirePeer.worker(server, 1, "'credit':1,'task_types':['*']")) {
            sender.send("{'type':'submit','request':1,'progress':true,'task':"
                    + "{'type':'sum_of_squares','params':{'start':1,'end':200},'subtasks':200}}");
            sender.receive("accepted");
            worker.receive("task");
            for (int i = 0; i < 99; i++) {
                worker.answer(worker.receive("assign"));
                server.settle();
                server.advanceMs(10);
            }
            List<JsonNode> reports = new ArrayList<>();
            while (sender.available() > 0) {
                reports.add(sender.receive("progress"));
            }
            assertTrue(reports.size() >= 9 && reports.size() <= 11, reports.size() + " reports in 990 ms");
        }
    }

    @Test
    void twoTasksOfOneSenderAreBothReported() {
        try (WirePeer worker = WirePeer.worker(server, 2, "'credit':2,'task_types':['*']")) {
            for (int request = 1; request <= 2; request++) {
                sender.send("{'type':'submit','request':" + request + ",'progress':true,'task':"
                        + "{'type':'sum_of_squares','params':{'start':1,'end':10},'subtasks':10}}");
                sender.receiveAfter("accepted", "progress");
            }
            worker.receive("task");
            for (int i = 0; i < 4; i++) {
                worker.answer(worker.receiveAfter("assign", "task"));
            }
            server.settle();
            while (sender.available() > 0) {
                sender.receive("progress");
            }
            server.advanceMs(Limits.DEFAULT.progressIntervalMs());
            String one = sender.receive("progress").get("task_id").textValue();
            String other = sender.receive("progress").get("task_id").textValue();
            assertFalse(one.equals(other), "both tasks moved, so both are reported");
        }
    }

    @Test
    void noProgressComesUnlessItWasAskedFor() {
        try (DiligentWorker worker = new DiligentWorker(server, 1)) {
            String id = submit(SQUARES);
            assertEquals(id, sender.receive("completed").get("task_id").textValue());
            assertTrue(worker.isAlive());
        }
    }

    @Test
    void statusShowsTheTaskAsItIs() {
        String id = submit("{'type':'sum_of_squares','name':'my squares','labels':{'team':'a'},"
                + "'params':{'start':1,'end':3},'subtasks':3,'priority':5}");
        sender.send("{'type':'status','request':9,'task_id':'" + id + "'}");
        JsonNode answer = sender.receive("task");
        assertEquals(9, answer.get("request").intValue());
        JsonNode view = answer.get("task");
        assertEquals(id, view.get("id").textValue());
        assertEquals("queued", view.get("state").textValue());
        assertEquals("my squares", view.get("name").textValue());
        assertEquals("a", view.at("/labels/team").textValue());
        assertEquals(5, view.get("priority").intValue());
        assertEquals(3, view.at("/progress/pending").intValue());
        assertTrue(view.get("started_at").isNull());

        try (DiligentWorker worker = new DiligentWorker(server, 1)) {
            sender.receive("completed");
            assertTrue(worker.isAlive());
        }
        sender.send("{'type':'status','task_id':'" + id + "'}");
        JsonNode finished = sender.receive("task");
        assertFalse(finished.has("request"), "a question without a number gets an answer without one");
        assertEquals("completed", finished.at("/task/state").textValue());
        assertEquals("my squares", finished.at("/task/name").textValue());
        assertEquals(14, finished.at("/task/result").intValue());
        assertEquals(3, finished.at("/task/progress/done").intValue());
    }

    @Test
    void aSenderThatVanishesAttachesFromAnotherConnection() {
        String id = submit(SQUARES);
        sender.vanish();
        server.awaitVanished(0);
        assertEquals(0, server.load().desk().watchers());
        try (WirePeer again = WirePeer.sender(server);
                WirePeer quiet = WirePeer.sender(server)) {
            again.send("{'type':'attach','request':2,'task_id':'" + id + "'}");
            assertEquals("queued", again.receive("task").at("/task/state").textValue());
            quiet.send("{'type':'attach','request':2,'progress':false,'task_id':'" + id + "'}");
            quiet.receive("task");
            try (DiligentWorker worker = new DiligentWorker(server, 1)) {
                assertEquals(
                        14,
                        again.receiveAfter("completed", "progress")
                                .get("result")
                                .intValue());
                assertEquals(14, quiet.receive("completed").get("result").intValue());
                assertTrue(worker.isAlive());
            }
            again.send("{'type':'attach','request':3,'task_id':'" + id + "'}");
            assertEquals("completed", again.receive("task").at("/task/state").textValue());
            assertEquals(14, again.receive("completed").get("result").intValue());
            assertNothingMore(again);
        }
    }

    @Test
    void attachingTwiceLeadsToOneTerminalMessage() {
        String id = submit(SQUARES);
        sender.send("{'type':'attach','request':2,'task_id':'" + id + "'}");
        sender.receive("task");
        try (DiligentWorker worker = new DiligentWorker(server, 1)) {
            sender.receiveAfter("completed", "progress");
            assertNothingMore(sender);
            assertTrue(worker.isAlive());
        }
    }

    @Test
    void anybodyMayCancelAndAllHearOfIt() {
        String id = submit(SQUARES);
        try (WirePeer other = WirePeer.sender(server)) {
            other.send("{'type':'cancel','request':4,'task_id':'" + id + "'}");
            String cancelled = "{\"type\":\"cancelled\",\"task_id\":\"" + id + "\"}";
            assertEquals(cancelled, other.receive().toString());
            assertEquals(cancelled, sender.receive().toString());
            sender.send("{'type':'cancel','request':5,'task_id':'" + id + "'}");
            assertEquals(cancelled, sender.receive().toString());
            assertNothingMore(sender);
            sender.send("{'type':'status','task_id':'" + id + "'}");
            JsonNode view = sender.receive("task").get("task");
            assertEquals("cancelled", view.get("state").textValue());
            assertEquals(3, view.at("/progress/cancelled").intValue());
        }
    }

    @Test
    void aSenderThatWaitsForATaskAndCancelsItHearsOfItsEndOnce() {
        String id = submit(SQUARES);
        sender.send("{'type':'cancel','request':5,'task_id':'" + id + "'}");
        assertEquals(id, sender.receive("cancelled").get("task_id").textValue());
        assertNothingMore(sender);
    }

    @Test
    void theFirstEndWinsOverACancelThatComesLater() {
        try (WirePeer worker = WirePeer.worker(server, 1)) {
            String id = submit("{'type':'sum_of_squares','params':{'start':2,'end':2}}");
            worker.receive("task");
            worker.answer(worker.receive("assign"));
            assertEquals(4, sender.receive("completed").get("result").intValue());
            sender.send("{'type':'cancel','request':2,'task_id':'" + id + "'}");
            assertEquals(4, sender.receive("completed").get("result").intValue());
        }
    }

    @Test
    void theSameKeyGivesTheSameTaskAndAnotherTaskIsAConflict() {
        String id = submit("{'type':'sum_of_squares','key':'k','params':{'start':1,'end':3}}");
        String same =
                submit("{'params':{'end':3,'start':1},'max_attempts':3,'key':'k','name':'n','type':'sum_of_squares'}");
        assertEquals(id, same);
        sender.send("{'type':'submit','request':3,'task':"
                + "{'type':'sum_of_squares','key':'k','params':{'start':1,'end':4}}}");
        JsonNode conflict = sender.receive("error");
        assertEquals("conflict", conflict.get("code").textValue());
        assertEquals(3, conflict.get("request").intValue());
        assertEquals(1, server.load().desk().openTasks());

        try (DiligentWorker worker = new DiligentWorker(server, 1)) {
            assertEquals(14, sender.receive("completed").get("result").intValue());
            assertTrue(worker.isAlive());
        }
        assertNothingMore(sender);
        assertEquals(id, submit("{'type':'sum_of_squares','key':'k','params':{'start':1,'end':3}}"));
        assertEquals(14, sender.receive("completed").get("result").intValue());
        sender.send("{'type':'submit','request':3,'task':"
                + "{'type':'sum_of_squares','key':'k','params':{'start':1,'end':4}}}");
        sender.receiveError("conflict");
        assertEquals(0, server.load().desk().openTasks());
    }

    @Test
    void aResultThatIsLargerThanAFrameIsSaidToBeElsewhere() {
        try (WirePeer worker = WirePeer.worker(server, 1)) {
            String id = submit("{'type':'echo','payloads':[1,2]}");
            worker.receive("task");
            String half = "'" + "x".repeat(2_500_000) + "'";
            for (int i = 0; i < 2; i++) {
                JsonNode assign = worker.receive("assign");
                worker.send("{'type':'result','lease':" + assign.get("lease") + ",'from':" + i + ",'results':[" + half
                        + "]}");
            }
            JsonNode completed = sender.receive("completed");
            assertEquals("/tasks/" + id + "/result", completed.get("result_at").textValue());
            assertFalse(completed.has("result"));

            sender.send("{'type':'attach','request':4,'task_id':'" + id + "'}");
            JsonNode answer = sender.receive("task");
            assertEquals("completed", answer.at("/task/state").textValue());
            assertEquals(
                    "/tasks/" + id + "/result", answer.at("/task/result_at").textValue());
            assertTrue(answer.at("/task/result").isNull());
            assertTrue(sender.receive("completed").has("result_at"));
        }
    }

    @Test
    void aTaskThatGoesOnNamesWhatFailed() {
        try (WirePeer worker = WirePeer.worker(server, 1, "'credit':1,'task_types':['*']")) {
            sender.send("{'type':'submit','request':1,'task':{'type':'sum_of_squares','params':{'start':1,'end':3},"
                    + "'subtasks':3,'on_failure':'continue','max_attempts':1}}");
            String id = sender.receive("accepted").get("task_id").textValue();
            worker.receive("task");
            worker.answer(worker.receive("assign"));
            worker.send(
                    "{'type':'error','lease':" + worker.receive("assign").get("lease") + ",'index':1,'message':'no'}");
            worker.answer(worker.receive("assign"));
            assertEquals(10, sender.receive("completed").get("result").intValue());
            sender.send("{'type':'status','task_id':'" + id + "'}");
            JsonNode view = sender.receive("task").get("task");
            assertEquals("[[1,2]]", view.get("failed_ranges").toString());
            assertEquals(1, view.at("/progress/failed").intValue());
        }
    }

    @Test
    void aTaskThatTakesTooLongFails() {
        submit("{'type':'sum_of_squares','params':{'start':1,'end':3},'timeout_ms':5000}");
        server.advanceMs(4_999);
        assertEquals(0, sender.available());
        server.advanceMs(1);
        assertEquals("timeout", sender.receive("failed").at("/error/code").textValue());
    }
}
