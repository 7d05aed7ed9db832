package io.divvy.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.testing.RunningProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks run, and say what they measured. How fast it was is not asked: the machine may be busy. */
class BenchIT {
    @TempDir
    private Path folder;

    @Test
    void eachShapeIsMeasuredBesideItsReference() throws Exception {
        Path report = folder.resolve("report.json");
        try (RunningProcess bench = RunningProcess.divvy(
                "bench",
                "--quick",
                "--shape",
                "single",
                "--shape",
                "one-subtask",
                "--shape",
                "huge-task",
                "--shape",
                "durable-queue",
                "--json",
                report.toString())) {
            assertEquals(0, bench.awaitExit(), bench::toString);
        }
        byte[] text = Files.readAllBytes(report);
        JsonNode shapes = Json.read(text, 0, text.length).path("shapes");
        assertEquals(4, shapes.size());

        JsonNode single = shapes.get(0);
        assertEquals("single", single.path("name").asText());
        assertEquals("subtasks/s", single.path("unit").asText());
        assertTrue(single.path("value").asDouble() > 0, single::toString);
        assertTrue(single.path("p50_us").asDouble() > 0, single::toString);
        assertTrue(single.path("p50_us").asDouble() <= single.path("p999_us").asDouble(), single::toString);
        assertTrue(single.path("server_allocated_bytes").asDouble() > 0, single::toString);

        JsonNode echo = shapes.get(1).path("comparisons").get(0);
        assertTrue(echo.path("reference").asDouble() > 0, echo::toString);
        assertTrue(echo.path("value").asDouble() > 0, echo::toString);
        assertEquals(1.3, echo.path("at_most").asDouble());

        JsonNode heap = shapes.get(2).path("comparisons").get(0);
        assertTrue(heap.path("reached").asBoolean(), () -> "10^9 subtasks take more heap than 10^6: " + heap);

        JsonNode queue = shapes.get(3);
        assertEquals("tasks/s", queue.path("unit").asText());
        for (String figure : List.of("tasks/s with 64 in flight", "tasks/s with 1024 in flight")) {
            assertTrue(named(figure, queue).path("value").asDouble() > 0, queue::toString);
        }
    }

    private static JsonNode named(String name, JsonNode shape) {
        for (JsonNode comparison : shape.path("comparisons")) {
            if (comparison.path("with").asText().equals(name)) {
                return comparison;
            }
        }
        throw new AssertionError("no figure " + name + " in " + shape);
    }

    @Test
    void aRedisWithoutAppendOnlyFileIsNotMeasuredAsDurable() throws Exception {
        try (ServerSocket forgetful = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String info = "process_id:" + ProcessHandle.current().pid() + "\r\n";
            Thread redis = new Thread(() -> {
                answerOnce(forgetful, "$" + info.length() + "\r\n" + info + "\r\n");
                answerOnce(forgetful, "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n");
            });
            redis.setDaemon(true);
            redis.start();
            String address = "127.0.0.1:" + forgetful.getLocalPort();
            try (RunningProcess bench =
                    RunningProcess.divvy("bench", "--shape", "durable-queue", "--redis-on-disk", address)) {
                assertEquals(3, bench.awaitExit(), bench::toString);
                String error = String.join("\n", bench.stderr());
                assertTrue(error.contains("its setting appendonly is no, expected yes"), error);
                assertTrue(error.contains("start it with --appendonly yes --appendfsync always"), error);
            }
        }
    }

    @Test
    void anUnknownShapeIsRefusedAndTheKnownOnesAreListed() {
        try (RunningProcess bench = RunningProcess.divvy("bench", "--shape", "round")) {
            assertEquals(2, bench.awaitExit(), bench::toString);
            String error = String.join("\n", bench.stderr());
            assertTrue(error.contains("--shape: expected one of batched, single, "), error);
        }
    }

    @Test
    void anUnreachablePeerIsNamed() {
        try (RunningProcess bench = RunningProcess.divvy("bench", "--shape", "single", "--redis", "127.0.0.1:1")) {
            assertEquals(3, bench.awaitExit(), bench::toString);
            String error = String.join("\n", bench.stderr());
            assertTrue(error.contains("redis at 127.0.0.1:1 does not answer"), error);
        }
    }

    @Test
    void optionsThatShapesNeedOfANamedServerAreAskedForBeforeAnythingStarts() {
        String error = refused("--server", "127.0.0.1:1");
        assertTrue(error.contains("looks into the process") && error.contains("--server-pid"), error);
        assertTrue(error.contains("leave it out: --shape batched --shape single "), error);
        assertFalse(error.contains("--shape huge-task"), error);

        error = refused("--server", "127.0.0.1:1", "--shape", "single", "--shape", "huge-task");
        assertTrue(error.contains("the shape huge-task looks into the process"), error);
        assertTrue(error.endsWith("--server-pid, or leave it out: --shape single"), error);
    }

    @Test
    void httpAndServerPidWithoutServerAreRefused() {
        String error = refused("--http", "http://127.0.0.1:8080");
        assertTrue(error.contains("--http says something of the server that --server names"), error);
        error = refused("--server-pid", "1");
        assertTrue(error.contains("--server-pid says something of the server that --server names"), error);
    }

    @Test
    void aServerPidOfNoProcessIsNamed() {
        String error = refused("--server", "127.0.0.1:1", "--shape", "single", "--server-pid", "999999999");
        assertTrue(error.contains("--server-pid: no process 999999999 runs on this machine"), error);
    }

    @Test
    void anUnreachableServerIsNamed() {
        try (RunningProcess bench = RunningProcess.divvy("bench", "--shape", "single", "--server", "127.0.0.1:1")) {
            assertEquals(3, bench.awaitExit(), bench::toString);
            String error = String.join("\n", bench.stderr());
            assertTrue(error.contains("the server at 127.0.0.1:1 does not answer"), error);
            assertTrue(error.contains("refused"), error);
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUp() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String address = "127.0.0.1:" + silent.getLocalPort();
            try (RunningProcess bench = RunningProcess.divvy("bench", "--shape", "single", "--server", address)) {
                assertEquals(3, bench.awaitExit(), bench::toString);
                String error = String.join("\n", bench.stderr());
                assertTrue(error.contains(address + " accepted the connection, but said nothing"), error);
            }
        }
    }

    @Test
    void aRuntimeWithoutTheAttachModuleIsRefused() {
        List<String> withoutAttaching = List.of("--limit-modules", "java.se,jdk.management,jdk.unsupported");
        try (RunningProcess bench =
                RunningProcess.divvy(withoutAttaching, Map.of(), "bench", "--quick", "--shape", "single")) {
            assertEquals(3, bench.awaitExit(), bench::toString);
            String error = String.join("\n", bench.stderr());
            assertTrue(error.contains("needs a JDK") && error.contains("lacks the module jdk.attach"), error);
            assertEquals(1, bench.stderr().size(), error);
        }
    }

    @Test
    void anInterruptedRunKeepsItsReportAndLeavesNoDataAndNoProcess() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        Path report = folder.resolve("report.json");
        try (RunningProcess bench = RunningProcess.divvy(
                List.of("-Djava.io.tmpdir=" + temporary),
                Map.of(),
                "bench",
                "--quick",
                "--shape",
                "single",
                "--shape",
                "on-disk",
                "--json",
                report.toString())) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> !dataFolders(temporary).isEmpty());
            List<ProcessHandle> children =
                    ProcessHandle.of(bench.pid()).orElseThrow().descendants().toList();
            bench.terminate();
            assertEquals(143, bench.awaitExit(), bench::toString);
            assertEquals(List.of(), dataFolders(temporary), bench::toString);
            assertFalse(children.isEmpty());
            await().atMost(Duration.ofSeconds(10)).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
            assertEquals(1, bench.stderr().size(), bench::toString);
            assertTrue(bench.stderr().get(0).startsWith("divvy: stopping what was started"), bench::toString);
        }
        byte[] text = Files.readAllBytes(report);
        JsonNode shapes = Json.read(text, 0, text.length).path("shapes");
        assertEquals(1, shapes.size());
        assertEquals("single", shapes.get(0).path("name").asText());
    }

    /** Answers the first command of one client. */
    private static void answerOnce(ServerSocket server, String reply) {
        try (Socket client = server.accept()) {
            if (client.getInputStream().read() >= 0) {
                client.getOutputStream().write(reply.getBytes(StandardCharsets.US_ASCII));
            }
            client.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // The benchmark is gone.
        }
    }

    private static List<Path> dataFolders(Path temporary) throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(file -> file.getFileName().toString().startsWith("divvy-bench"))
                    .toList();
        }
    }

    /** Runs the benchmark with options that make no sense, and returns what it says. */
    private static String refused(String... options) {
        String[] arguments =
                Stream.concat(Stream.of("bench", "--quick"), Stream.of(options)).toArray(String[]::new);
        try (RunningProcess bench = RunningProcess.divvy(arguments)) {
            assertEquals(2, bench.awaitExit(), bench::toString);
            assertEquals(List.of(), bench.stdout());
            return String.join("\n", bench.stderr());
        }
    }
}
