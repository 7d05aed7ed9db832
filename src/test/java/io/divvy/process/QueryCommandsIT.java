package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskHandle;
import io.divvy.protocol.Json;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import io.divvy.testing.SumOfSquaresTask;
import io.divvy.testing.TestWorker;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The commands that ask the HTTP API: {@code tasks}, {@code explain}, {@code workers}, {@code types}, {@code drain}. */
class QueryCommandsIT {
    private ServerProcess server;

    @BeforeEach
    void start() {
        server = new ServerProcess();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private List<String> lines(RunningProcess command) {
        assertEquals(0, command.awaitExit(), command::toString);
        return command.stdout();
    }

    /** Like a shell that splits a line at its spaces. */
    private static List<String> words(String line) {
        return List.of(line.trim().split(" +"));
    }

    private static ObjectNode waiting(String label) {
        ObjectNode task = Json.MAPPER.createObjectNode().put("type", "mine").put("name", "for nobody");
        task.putArray("payloads").add(1);
        task.putObject("labels").put("team", label);
        return task;
    }

    @Test
    void whatFailedIsListed() throws Exception {
        TestWorker.Code oddOnesFail = (type, payload) -> {
            if (payload.intValue() % 2 == 1) {
                throw new IllegalArgumentException(payload + " is odd");
            }
            return payload;
        };
        ObjectNode task = waiting("odd").put("max_attempts", 2).put("on_failure", "continue");
        task.putArray("payloads").add(4).add(5).add(6).add(7);
        try (DivvyClient client = server.connect();
                TestWorker ann =
                        TestWorker.connect(new InetSocketAddress("127.0.0.1", server.port()), "ann", oddOnesFail)) {
            TaskHandle handle = client.submit(task);
            handle.result().get(30, TimeUnit.SECONDS);
            List<String> table = lines(server.run("failures", handle.id()));
            assertEquals(List.of("SUBTASK", "STATE", "ATTEMPTS", "WORKER", "MESSAGE"), words(table.get(0)));
            assertEquals(List.of("1", "failed", "2", "ann", "5", "is", "odd"), words(table.get(1)));
            assertEquals(List.of("3", "failed", "2", "ann", "7", "is", "odd"), words(table.get(2)));
            assertEquals(3, table.size());
            List<String> objects = lines(server.run("failures", "--json", handle.id()));
            assertEquals(2, objects.size());
            assertEquals(
                    "5 is odd",
                    Json.MAPPER.readTree(objects.get(0)).path("message").asText());
        }
    }

    @Test
    void tasksArePausedAndResumed() throws Exception {
        try (DivvyClient client = server.connect()) {
            String first = client.submit(waiting("red")).id();
            String second = client.submit(waiting("blue")).id();
            assertEquals(List.of(), lines(server.run("pause", first, second)));
            for (String id : List.of(first, second)) {
                assertTrue(lines(server.run("explain", id)).get(1).startsWith("paused  "), id);
                assertTrue(String.join("", lines(server.run("status", id))).contains("\"paused\" : true"), id);
            }
            assertEquals(List.of(), lines(server.run("resume", second)));
            assertTrue(lines(server.run("explain", second)).get(1).startsWith("no_worker  "));
            client.cancel(first);
            RunningProcess late = server.run("pause", first);
            assertEquals(5, late.awaitExit(), late::toString);
            assertTrue(late.toString().contains("only an unfinished task can be changed"), late::toString);
        }
    }

    @Test
    void tasksAreListedAndExplained() throws Exception {
        try (DivvyClient client = server.connect()) {
            TaskHandle red = client.submit(waiting("red"), progress -> {});
            TaskHandle blue = client.submit(waiting("blue"), progress -> {});
            client.cancel(blue.id());

            List<String> all = lines(server.run("tasks"));
            assertEquals(3, all.size(), all::toString);
            assertEquals(
                    List.of("ID", "TYPE", "STATE", "DONE", "FAILED", "PRIORITY", "AGE", "NAME", "ALIAS", "LABELS"),
                    words(all.get(0)));

            List<String> ofRed =
                    lines(server.run("tasks", "--label", "team=red", "--state", "queued", "--type", "mine"));
            assertEquals(2, ofRed.size(), ofRed::toString);
            assertTrue(ofRed.get(1).startsWith(red.id().substring(28) + "  mine  queued   0/1"), ofRed::toString);
            assertTrue(ofRed.get(1).endsWith("for nobody  -      team=red"), ofRed::toString);

            RunningProcess one = server.run("tasks", "--limit", "1", "--json");
            assertEquals(0, one.awaitExit(), one::toString);
            assertEquals(
                    1, Json.MAPPER.readTree(one.stdout().get(0)).path("items").size());

            assertEquals(
                    List.of("REASON     MESSAGE", "no_worker  no worker that takes mine is connected; start one"),
                    lines(server.run("explain", red.id().substring(28))));
            List<String> full = lines(server.run("tasks", "--full", "--limit", "1"));
            assertTrue(full.get(1).startsWith(blue.id()), full::toString);
            assertTrue(
                    full.get(0).contains("SUBMITTED") && full.get(1).matches(".* 20\\d\\d-\\d\\d-.*"), full::toString);
            assertEquals(
                    List.of("REASON    MESSAGE", "finished  the task is cancelled"),
                    lines(server.run("explain", blue.id())));
        }
    }

    @Test
    void workersAndTypesAreListed() {
        assertEquals(1, lines(server.run("workers")).size(), "the headings");
        server.startWorker("alice");
        List<String> workers = lines(server.run("workers"));
        assertEquals(2, workers.size(), workers::toString);
        assertTrue(
                workers.get(1)
                        .matches(
                                "\\s*1\\s+alice\\s+127\\.0\\.0\\.1:\\d+\\s+idle\\s+1\\s+0/1000000\\s+0\\s+0 .*sum_of_squares.*"),
                workers::toString);
        List<String> types = lines(server.run("types"));
        assertEquals(List.of("TYPE", "WORKERS", "PARAMS"), words(types.get(0)));
        assertTrue(
                types.stream()
                        .map(QueryCommandsIT::words)
                        .anyMatch(row -> row.subList(0, 2).equals(List.of("sum_of_squares", "1"))),
                types::toString);
    }

    @Test
    void aListIsWatchedThroughAnOutageOfTheServer() throws Exception {
        RunningProcess watch = server.keep(RunningProcess.divvy("tasks", "--watch", "--server", server.address()));
        watch.awaitLine("divvy: no tasks");
        try (DivvyClient client = server.connect()) {
            String id = client.submit(waiting("red"), progress -> {}).id();
            watch.awaitLine(id.substring(28) + "  mine  queued .*");
        }
        server.process().kill();
        watch.awaitLine("divvy: no Divvy server at .*; trying again");
        assertTrue(watch.isAlive(), watch::toString);
        // Not SIGINT, which is ignored by all that was started where it is ignored, as in the background of a script.
        watch.terminate();
        assertEquals(143, watch.awaitExit(), watch::toString);
    }

    @Test
    void aWorkerThatIsDrainedFinishesWhatIsStartedAndEnds() throws Exception {
        RunningProcess alice = server.startWorker("alice");
        try (DivvyClient client = server.connect()) {
            SumOfSquaresTask someSeconds = new SumOfSquaresTask(1_000_000_000L, 200);
            TaskHandle task = client.submit(someSeconds.toJson(), progress -> {});
            alice.awaitLine("connected to");
            RunningProcess drain = server.run("drain", "alice");
            assertTrue(lines(drain).get(1).contains("draining"), drain::toString);
            assertEquals(0, alice.awaitExit(), alice::toString);
            assertTrue(String.join("", alice.stderr()).contains("does not need this worker"), alice::toString);

            server.startWorker("bob");
            assertEquals(someSeconds.answer(), task.await().bigIntegerValue());
            assertEquals(0, client.status(task.id()).retries(), "nothing was lost, so nothing was run again");
        }
    }

    @Test
    void aWorkerComesBackToAServerThatIsStartedAgain() {
        RunningProcess alice = server.startWorker("alice");
        int port = server.port();
        server.process().terminate();
        assertEquals(0, server.process().awaitExit());
        alice.awaitLine("the server stops");
        RunningProcess next =
                server.keep(RunningProcess.divvy("server", "--port", Integer.toString(port), "--http-port", "0"));
        next.awaitLine("worker alice joined");
    }

    @Test
    void whatIsNotThereExitsWithFour() {
        for (RunningProcess lost : List.of(server.run("explain", "no-such-task"), server.run("drain", "nobody"))) {
            assertEquals(4, lost.awaitExit(), lost::toString);
            assertEquals(List.of(), lost.stdout());
            assertTrue(lost.stderr().get(0).startsWith("divvy: "), lost::toString);
        }
    }

    @Test
    void wrongUsageExitsWithTwo() {
        for (RunningProcess wrong : List.of(
                server.run("tasks", "--state", "sleeping"),
                server.run("tasks", "--limit", "0"),
                server.run("tasks", "--label", "red"),
                server.run("explain"),
                RunningProcess.divvy("workers", "--server", "nowhere:65536"),
                RunningProcess.divvy("server", "--retain", "soon"),
                RunningProcess.divvy("server", "--retain-bytes", "64MB"),
                RunningProcess.divvy("server", "--retain-tasks", "0"))) {
            try (wrong) {
                assertEquals(2, wrong.awaitExit(), wrong::toString);
                assertTrue(!wrong.stderr().isEmpty(), "it says what was wrong");
            }
        }
    }

    @Test
    void twoWorkersOfOneNameGetNamesOfTheirOwn() {
        server.startWorker("twin");
        server.startWorker("twin");
        for (RunningProcess drain : List.of(server.run("drain", "twin-2"), server.run("drain", "twin"))) {
            assertEquals(0, drain.awaitExit(), drain::toString);
        }
    }

    @Test
    void noServerExitsWithThree() {
        for (RunningProcess lost : Stream.of("tasks", "workers", "types")
                .map(command -> RunningProcess.divvy(command, "--server", "http://127.0.0.1:1"))
                .toList()) {
            try (lost) {
                assertEquals(3, lost.awaitExit(), lost::toString);
                assertTrue(lost.stderr().get(0).contains("no Divvy server at http://127.0.0.1:1"), lost::toString);
            }
        }
    }

    @Test
    void theHttpAddressCanComeFromTheEnvironment() {
        try (RunningProcess workers =
                RunningProcess.divvy(List.of(), Map.of("DIVVY_SERVER", server.httpUrl() + "/"), "workers")) {
            assertEquals(1, lines(workers).size());
        }
    }
}
