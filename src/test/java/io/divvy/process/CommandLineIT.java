package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
        assertEquals(1, submit.stderr().size(), "no progress bar where nobody looks: " + submit);
        assertTrue(submit.stderr().get(0).startsWith("divvy: task "), submit::toString);
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
                server.run("submit", "no_worker_takes_this", "--file", resource("one-payload-and-a-timeout.json"));
        assertEquals(1, failed.awaitExit(), failed::toString);
        assertEquals(List.of(), failed.stdout());
        assertTrue(failed.stderr().get(1).contains("timeout_ms of 100"), failed::toString);
    }

    @Test
    void wrongUsageExitsWithTwo() {
        for (RunningProcess wrong : List.of(
                RunningProcess.divvy("submit"),
                RunningProcess.divvy("nonsense"),
                RunningProcess.divvy("server", "--port", "70000"),
                RunningProcess.divvy("server", "--store", "paper"),
                RunningProcess.divvy("worker", "--slots", "0"),
                RunningProcess.divvy("worker", "--server", "nowhere:0"))) {
            try (wrong) {
                assertEquals(2, wrong.awaitExit(), wrong::toString);
                assertTrue(!wrong.stderr().isEmpty(), "it says what was wrong");
            }
        }
    }

    @Test
    void whatTheServerRefusesExitsWithFive() {
        for (RunningProcess refused : List.of(
                server.run("submit", "sum_of_squares", "-p", "start=2", "-p", "end=1"),
                server.run("submit", "sum_of_cubes"))) {
            assertEquals(5, refused.awaitExit(), refused::toString);
            assertEquals(1, refused.stderr().size(), "it says what was wrong: " + refused);
        }
    }

    @Test
    void whatIsNotThereExitsWithFour() {
        for (String command : List.of("status", "cancel", "pause", "resume", "wait", "result", "delete", "explain")) {
            RunningProcess lost = server.run(command, "no-such-task");
            assertEquals(4, lost.awaitExit(), lost::toString);
            assertTrue(lost.stderr().toString().contains("no-such-task"), lost::toString);
        }
    }

    @Test
    void aFileThatCannotBeReadOrWrittenExitsWithSix(@TempDir Path folder) {
        for (RunningProcess broken : List.of(
                server.run("submit", "--file", folder.resolve("none.json").toString()),
                server.run(
                        "submit", "mine", "--payloads", folder.resolve("none").toString()),
                server.run(
                        "submit",
                        "sum_of_squares",
                        "-p",
                        "start=1",
                        "-p",
                        "end=2",
                        "-o",
                        folder.resolve("none").resolve("out").toString()))) {
            assertEquals(6, broken.awaitExit(), broken::toString);
            String last = broken.stderr().get(broken.stderr().size() - 1);
            assertTrue(last.contains("it is not there, or its folder is not"), broken::toString);
        }
    }

    @Test
    void everyFieldOfATaskHasAnOption(@TempDir Path folder) throws Exception {
        Path payloads = folder.resolve("payloads");
        Files.writeString(payloads, "\ufeff{\"start\":1,\"end\":2}\n\n{\"start\":3,\"end\":3}");
        RunningProcess submit = server.run(
                "submit",
                "--detach",
                "sum_of_squares",
                "--payloads",
                payloads.toString(),
                "--combine",
                "collect",
                "--name",
                "squares",
                "--label",
                "team=red",
                "--key",
                "once",
                "--priority",
                "7",
                "--timeout",
                "1h",
                "--subtask-timeout",
                "10m",
                "--max-attempts",
                "2",
                "--on-failure",
                "continue");
        assertEquals(0, submit.awaitExit(), submit::toString);
        String id = submit.stdout().get(0);

        RunningProcess wait = server.run("wait", id);
        assertEquals(0, wait.awaitExit(), wait::toString);
        assertEquals(List.of("[5,9]"), wait.stdout());
        RunningProcess result = server.run("result", id);
        assertEquals(0, result.awaitExit(), result::toString);
        assertEquals(List.of("[5,9]"), result.stdout());

        RunningProcess list = server.run("tasks", "--label", "team=red", "--json");
        assertEquals(0, list.awaitExit(), list::toString);
        JsonNode task = Json.MAPPER.readTree(list.stdout().get(0)).at("/items/0");
        assertEquals("squares", task.path("name").asText());
        assertEquals(7, task.path("priority").asInt());

        RunningProcess delete = server.run("delete", id);
        assertEquals(0, delete.awaitExit(), delete::toString);
        RunningProcess gone = server.run("status", id);
        assertEquals(4, gone.awaitExit(), gone::toString);
    }

    @Test
    void aResultGoesIntoAFileAsWhatItIs(@TempDir Path folder) throws Exception {
        Path picture = folder.resolve("picture.png");
        RunningProcess mandelbrot = server.run(
                "submit",
                "mandelbrot",
                "-p",
                "width=32",
                "-p",
                "height=8",
                "-p",
                "center=[-0.7,0]",
                "-p",
                "scale=3.5",
                "-p",
                "iterations=99",
                "-o",
                picture.toString());
        assertEquals(0, mandelbrot.awaitExit(), mandelbrot::toString);
        assertEquals(List.of(), mandelbrot.stdout());
        byte[] bytes = Files.readAllBytes(picture);
        assertEquals("\u0089PNG", new String(bytes, 0, 4, StandardCharsets.ISO_8859_1));

        Path sum = folder.resolve("sum.json");
        RunningProcess squares =
                server.run("submit", "sum_of_squares", "-p", "start=1", "-p", "end=3", "-o", sum.toString());
        assertEquals(0, squares.awaitExit(), squares::toString);
        assertEquals("14", Files.readString(sum));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(2, left.count(), "nothing unfinished is left");
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
                "DIVVY_FILE", "nowhere.json",
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
        RunningProcess submit = server.run("submit", "sum_of_squares", "--file", noParams.toString(), "-p", "start=1");
        assertEquals(2, submit.awaitExit(), submit::toString);
        assertEquals(List.of("divvy: --file: params: expected an object, as -p adds to it, got 5"), submit.stderr());

        Path otherType = folder.resolve("other-type.json");
        Files.writeString(otherType, "{\"type\":\"prime_count\",\"params\":{\"start\":1,\"end\":9}}");
        RunningProcess other = server.run("submit", "sum_of_squares", "--file", otherType.toString());
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
