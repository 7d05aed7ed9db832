package io.divvy.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskHandle;
import io.divvy.client.TaskRequest;
import io.divvy.protocol.Json;
import io.divvy.task.JsonText;
import io.divvy.testing.RestartableServer;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.SumOfSquaresTask;
import io.divvy.testing.TestWorker;
import io.divvy.testing.WirePeer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server on disk promises, and keeps when it is killed. */
class DurabilityIT {
    private final RestartableServer server = new RestartableServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aPlainSendersTaskCompletesUnderTheIdThatItSent() throws Exception {
        try (WirePeer sender = WirePeer.connect(server.address())) {
            sender.send("{'type':'task_sender'}");
            sender.send("{'task_id':'nightly-7','range':[1,1000000],'num_subtasks':10}");
            await().until(() -> server.get("/tasks").get("items").size() == 1);
        }
        server.restart();
        server.startWorker("ann");
        JsonNode task = server.get("/tasks/nightly-7?wait=60");
        assertEquals("completed", task.get("state").textValue());
        assertEquals(333_333_833_333_500_000L, task.get("result").longValue());
    }

    @Test
    void aKeyNamesTheSameTaskAfterARestart() throws Exception {
        SumOfSquaresTask task = new SumOfSquaresTask(1_000, 5);
        String first = submit(task);
        assertEquals(first, submit(task));
        server.restart();
        assertEquals(first, submit(task));
        server.startWorker("ann");
        assertEquals(
                task.answer(),
                server.get("/tasks/" + first + "?wait=60").get("result").bigIntegerValue());
        server.restart();
        assertEquals(first, submit(task));
        assertEquals(1, server.get("/tasks").get("items").size());
    }

    @Test
    void aChangeThatWasAcknowledgedSurvivesAKill() throws Exception {
        String id = submit(new SumOfSquaresTask(1_000, 5));
        JsonNode changed = server.patch("/tasks/" + id, "{\"priority\":7,\"labels\":{\"team\":\"b\"},\"paused\":true}");
        assertEquals(7, changed.get("priority").intValue());
        server.restart();
        JsonNode task = server.get("/tasks/" + id);
        assertEquals(7, task.get("priority").intValue());
        assertEquals("{\"team\":\"b\"}", task.get("labels").toString());
        server.startWorker("ann");
        assertTrue(task.get("paused").booleanValue());
        assertEquals(
                "paused",
                server.get("/tasks/" + id + "/explain").at("/reasons/0/reason").textValue());
        server.patch("/tasks/" + id, "{\"paused\":false}");
        server.restart();
        JsonNode ended = server.get("/tasks/" + id + "?wait=60");
        assertEquals("completed", ended.get("state").textValue());
        assertEquals(7, ended.get("priority").intValue());
        assertEquals(
                1,
                server.get("/tasks?label=team%3Db&state=completed").get("items").size());
    }

    private String submit(SumOfSquaresTask task) throws Exception {
        try (DivvyClient client = DivvyClient.connect(server.address())) {
            TaskHandle handle = client.submit(TaskRequest.of("sum_of_squares")
                    .param("start", 1)
                    .param("end", task.end())
                    .subtasks(task.subtasks())
                    .key("the same"));
            return handle.id();
        }
    }

    @Test
    void resultsComputedWhileTheServerWasDownAreNotComputedAgain() throws Exception {
        String id;
        try (WirePeer worker = WirePeer.connect(server.address());
                DivvyClient client = DivvyClient.connect(server.address())) {
            id = client.submit(TaskRequest.of("letters").payload("ab").payload("cde"))
                    .id();
            worker.send("{'type':'worker','protocol':2,'task_types':['letters'],'acks':true}");
            worker.receive("welcome");
            worker.receive("task");
            JsonNode lease = worker.receive("assign");
            assertEquals(0, lease.get("from").intValue());
            worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':0,'results':['slow']}");
            server.kill(); // Whether it saw the result or not, it did not say that it is durable.
        }
        server.start();
        try (WirePeer again = WirePeer.connect(server.address())) {
            again.send("{'type':'worker','protocol':2,'task_types':['letters'],'acks':true}");
            again.receive("welcome");
            again.send("{'type':'result','task_id':'" + id + "','from':0,'results':['slow']}");
            assertEquals(1, again.receive("ack").get("to").intValue());
            again.receive("task");
            JsonNode rest = again.receive("assign");
            assertEquals(1, rest.get("from").intValue(), "only the other subtask is left");
            again.send("{'type':'result','lease':" + rest.get("lease") + ",'from':1,'results':['quick']}");
            JsonNode task = server.get("/tasks/" + id + "?wait=60");
            assertEquals("[\"slow\",\"quick\"]", task.get("result").toString());
            assertEquals(2, task.get("progress").get("done").intValue());
        }
    }

    @Test
    void numbersHaveTheSameDigitsAfterARestart() throws Exception {
        String numbers = "[1e5,1.0,1.10,-0.0,1E400,12345678901234567890.0,1.8978416287365228e+16,7]";
        ObjectNode task = JsonText.object("{\"type\":\"echo\",\"combine\":\"collect\",\"key\":\"numbers\"}");
        task.set("payloads", Json.read(numbers.getBytes(StandardCharsets.UTF_8), 0, numbers.length()));
        String id;
        try (DivvyClient client = DivvyClient.connect(server.address())) {
            id = client.submit(task).id();
        }
        server.restart();
        Queue<String> received = new ConcurrentLinkedQueue<>();
        try (TestWorker worker = TestWorker.connect(server.address(), "echo", (type, payload) -> {
                    received.add(payload.toString());
                    return payload;
                });
                DivvyClient client = DivvyClient.connect(server.address())) {
            assertEquals(numbers, client.attach(id).await().toString());
            assertEquals(numbers, received.toString().replace(" ", ""));
            server.restart();
            assertEquals(numbers, server.get("/tasks/" + id + "/result").toString());
            assertEquals(id, client.submit(task).id(), "it is the same task");
        }
    }

    @Test
    void aCancelledTaskStaysCancelledAfterARestart() throws Exception {
        String id;
        try (DivvyClient client = DivvyClient.connect(server.address())) {
            TaskHandle task = client.submit(new SumOfSquaresTask(1_000, 5).toJson());
            id = task.id();
            assertEquals("cancelled", task.cancel().state());
        }
        server.restart();
        assertEquals("cancelled", server.get("/tasks/" + id).get("state").textValue());
    }

    @Test
    void aSecondServerOnTheSameDataIsRefused() {
        try (RunningProcess second = RunningProcess.divvy(
                "server",
                "--port",
                "0",
                "--http-port",
                "0",
                "--data",
                server.data().toString())) {
            assertEquals(3, second.awaitExit(), second::toString);
            assertTrue(
                    second.stderr()
                            .get(0)
                            .contains(Long.toString(server.process().pid())),
                    second::toString);
        }
    }

    @Test
    void aBackupIsTakenWhileTheServerRuns(@TempDir Path folder) throws Exception {
        String before = submit(new SumOfSquaresTask(1_000, 5));
        Path copy = folder.resolve("tasks.db");
        backup(copy, 0);
        byte[] content = Files.readAllBytes(copy);
        try (RunningProcess again = backup(copy, 6)) {
            assertTrue(again.stderr().get(0).contains("never written over"), again::toString);
        }
        assertArrayEquals(content, Files.readAllBytes(copy));

        Path data = Files.createDirectory(folder.resolve("data"));
        Files.copy(copy, data.resolve("divvy.db"));
        try (RunningProcess restored =
                RunningProcess.divvy("server", "--port", "0", "--http-port", "0", "--data", data.toString())) {
            String port = restored.awaitLine("listening on tcp://127\\.0\\.0\\.1:(\\d+) ")
                    .group(1);
            try (RunningProcess status = RunningProcess.divvy("status", "--server", "127.0.0.1:" + port, before)) {
                assertEquals(0, status.awaitExit(), status::toString);
            }
        }
    }

    private RunningProcess backup(Path copy, int exitCode) {
        RunningProcess backup = server.keep(
                RunningProcess.divvy("backup", "--data", server.data().toString(), copy.toString()));
        assertEquals(exitCode, backup.awaitExit(), backup::toString);
        return backup;
    }

    @Test
    void aDamagedFileIsReportedAndLeftAlone(@TempDir Path data) throws Exception {
        byte[] damaged = "this is no database at all".getBytes(StandardCharsets.UTF_8);
        Files.write(data.resolve("divvy.db"), damaged);
        try (RunningProcess refused =
                RunningProcess.divvy("server", "--port", "0", "--http-port", "0", "--data", data.toString())) {
            assertEquals(6, refused.awaitExit(), refused::toString);
            assertTrue(refused.stderr().get(0).contains("divvy.db"), refused::toString);
        }
        assertArrayEquals(damaged, Files.readAllBytes(data.resolve("divvy.db")));
    }
}
