package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What scripts rely on: what stands on stdout, and the exit code. */
class CommandLineIT {
    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = new ServerProcess();
        server.startWorker("worker");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void submitPrintsTheResultAndNothingElseOnStdout() {
        RunningProcess submit = server.run("submit", "sum_of_squares", "-p", "start=1", "-p", "end=1000000");
        assertEquals(0, submit.awaitExit(), submit::toString);
        assertEquals(List.of("333333833333500000"), submit.stdout());
        assertEquals(List.of(), submit.stderr(), "no progress bar where nobody looks");
    }

    @Test
    void submitTakesATaskObjectFromAFile(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("task.json");
        Files.writeString(
                file,
                "{\"payloads\":[{\"start\":1,\"end\":2},{\"start\":3,\"end\":3}],\"combine\":\"collect\",\"priority\":5}");
        RunningProcess submit = server.run("submit", "sum_of_squares", "--file", file.toString());
        assertEquals(0, submit.awaitExit(), submit::toString);
        assertEquals(List.of("[5,9]"), submit.stdout());
    }

    @Test
    void aDetachedTaskIsShownByStatusAndCancelled() {
        RunningProcess submit = server.run(
                "submit", "--detach", "sum_of_squares", "-p", "start=1", "-p", "end=400000000000", "--subtasks", "4");
        assertEquals(0, submit.awaitExit(), submit::toString);
        String id = submit.stdout().get(0);

        RunningProcess status = server.run("status", id);
        assertEquals(0, status.awaitExit(), status::toString);
        assertTrue(String.join("", status.stdout()).contains("\"total\" : 4"), status::toString);

        RunningProcess cancel = server.run("cancel", id);
        assertEquals(0, cancel.awaitExit(), cancel::toString);
        assertTrue(String.join("", cancel.stdout()).contains("\"state\" : \"cancelled\""), cancel::toString);

        RunningProcess again = server.run("cancel", id);
        assertEquals(0, again.awaitExit(), "of a finished task its view as it is: " + again);
    }

    @Test
    void aFailedTaskExitsWithOne() {
        RunningProcess failed =
                server.run("submit", "no_worker_takes_this", "--json", resource("one-payload-and-a-timeout.json"));
        assertEquals(1, failed.awaitExit(), failed::toString);
        assertEquals(List.of(), failed.stdout());
        assertTrue(failed.stderr().get(0).contains("timeout_ms of 100"), failed::toString);
    }

    @Test
    void wrongUsageExitsWithTwo() {
        for (RunningProcess wrong : List.of(
                RunningProcess.divvy("submit"),
                RunningProcess.divvy("nonsense"),
                RunningProcess.divvy("server", "--port", "70000"),
                RunningProcess.divvy("server", "--store", "paper"),
                RunningProcess.divvy("worker", "--slots", "0"),
                RunningProcess.divvy("worker", "--server", "nowhere"),
                server.run("submit", "sum_of_squares", "-p", "start=2", "-p", "end=1"),
                server.run("submit", "sum_of_cubes"))) {
            try (wrong) {
                assertEquals(2, wrong.awaitExit(), wrong::toString);
                assertTrue(!wrong.stderr().isEmpty(), "it says what was wrong");
            }
        }
    }

    @Test
    void aParameterWithANumberOutOfBoundsIsRefused() {
        for (String value : List.of("1e9999999999", "[1E-99999999999]", "1".repeat(1_001))) {
            RunningProcess wrong = server.run("submit", "sum_of_squares", "-p", "start=" + value, "-p", "end=1");
            assertEquals(2, wrong.awaitExit(), wrong::toString);
            assertTrue(wrong.stderr().get(0).startsWith("divvy: -p start: not JSON"), wrong::toString);
        }
    }

    @Test
    void aTaskWithoutSubtasksPrintsItsResult() {
        RunningProcess submit = server.run("submit", "word_count", "-p", "texts=[]", "--subtasks", "7");
        assertEquals(0, submit.awaitExit(), submit::toString);
        assertEquals(List.of("{}"), submit.stdout());
    }

    @Test
    void noServerExitsWithThree() {
        for (String command : List.of("submit", "status", "cancel")) {
            // Port 1 is reserved, and nobody listens there.
            try (RunningProcess lost = RunningProcess.divvy(command, "--server", "127.0.0.1:1", "sum_of_squares")) {
                assertEquals(3, lost.awaitExit(), lost::toString);
                assertTrue(lost.stderr().get(0).contains("no Divvy server at 127.0.0.1:1"), lost::toString);
            }
        }
        try (RunningProcess second = RunningProcess.divvy("server", "--port", Integer.toString(server.port()))) {
            assertEquals(3, second.awaitExit(), second::toString);
        }
    }

    @Test
    void anOptionCanComeFromTheEnvironment() {
        try (RunningProcess submit = RunningProcess.divvy(
                List.of(),
                Map.of("DIVVY_SERVER", server.address()),
                "submit",
                "sum_of_squares",
                "-p",
                "start=3",
                "-p",
                "end=3")) {
            assertEquals(0, submit.awaitExit(), submit::toString);
            assertEquals(List.of("9"), submit.stdout());
        }
    }

    @Test
    void onlyConfigurationIsTakenFromTheEnvironment() {
        Map<String, String> environment = Map.of(
                "DIVVY_SERVER", server.address(),
                "DIVVY_VERSION", "0.1.0",
                "DIVVY_HELP", "true",
                "DIVVY_JSON", "nowhere.json",
                "DIVVY_DETACH", "true",
                "DIVVY_PARAM", "start=7");
        try (RunningProcess submit = RunningProcess.divvy(
                List.of(), environment, "submit", "sum_of_squares", "-p", "start=3", "-p", "end=3")) {
            assertEquals(0, submit.awaitExit(), submit::toString);
            assertEquals(List.of("9"), submit.stdout());
        }
    }

    @Test
    void aTaskObjectThatContradictsTheCommandLineIsRefused(@TempDir Path folder) throws IOException {
        Path noParams = folder.resolve("no-params.json");
        Files.writeString(noParams, "{\"params\":5}");
        RunningProcess submit = server.run("submit", "sum_of_squares", "--json", noParams.toString(), "-p", "start=1");
        assertEquals(2, submit.awaitExit(), submit::toString);
        assertEquals(List.of("divvy: --file: params: expected an object, as -p adds to it, got 5"), submit.stderr());

        Path otherType = folder.resolve("other-type.json");
        Files.writeString(otherType, "{\"type\":\"prime_count\",\"params\":{\"start\":1,\"end\":9}}");
        RunningProcess other = server.run("submit", "sum_of_squares", "--json", otherType.toString());
        assertEquals(2, other.awaitExit(), other::toString);
        assertTrue(other.stderr().get(0).contains("its type is \"prime_count\""), other::toString);
    }

    @Test
    void aPortThatIsTakenIsNamedInOneLine() {
        String taken = server.httpUrl().replaceFirst(".*:", "");
        try (RunningProcess second = RunningProcess.divvy("server", "--port", "0", "--http-port", taken)) {
            assertEquals(3, second.awaitExit(), second::toString);
            List<String> lines = second.stderr().stream()
                    .filter(line -> !line.contains("kept in memory"))
                    .toList();
            assertEquals(
                    List.of("divvy: cannot listen for HTTP on 127.0.0.1:" + taken + ": Address already in use"), lines);
        }
    }

    @Test
    void aProcessThatIsToldToStopAtTheEndOfItsInputDoesSo() throws IOException {
        try (RunningProcess child = RunningProcess.divvy(
                List.of("-Ddivvy.stop-with-stdin=true"), Map.of(), "worker", "--server", server.address())) {
            child.awaitLine("connected to");
            child.closeInput();
            assertEquals(0, child.awaitExit(), child::toString);
        }
    }

    @Test
    void aWarningIsPrintedForAHostThatOthersCanReach() {
        try (RunningProcess open =
                RunningProcess.divvy("server", "--host", "0.0.0.0", "--port", "0", "--http-port", "0")) {
            open.awaitLine("warning: listening on 0.0.0.0");
            open.awaitLine("listening on tcp://0.0.0.0:\\d+");
            open.terminate();
            assertEquals(0, open.awaitExit());
        }
    }

    private static String resource(String name) {
        return Path.of(CommandLineIT.class.getResource("/" + name).getPath()).toString();
    }
}
