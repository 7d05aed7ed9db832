package io.divvy.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.divvy.client.DivvyClient;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code divvy submit} when it is interrupted, and when its server goes away. */
class SubmitProcessIT {
    private static final int SIGINT = 2;

    private final ServerProcess server = new ServerProcess();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void ctrlCEndsTheWaitAndSaysHowToComeBack(@TempDir Path folder) throws Exception {
        assumeFalse(isInterruptIgnored(), "this JVM was started with SIGINT ignored, and so are its children");
        RunningProcess submit = submitOneThatNobodyDoes(folder);
        String id = submit.stderr().get(0).replaceFirst("divvy: task ", "");
        submit.interrupt();
        assertEquals(130, submit.awaitExit(), submit::toString);
        assertEquals(0, submit.stdout().size(), submit::toString);
        assertTrue(
                submit.stderr()
                        .contains("divvy: the task goes on; \"divvy wait " + id
                                + "\" waits for it again; Ctrl-C again cancels it"),
                submit::toString);
        try (DivvyClient client = server.connect()) {
            assertEquals("queued", client.status(id).state());
            RunningProcess wait = server.run("wait", id);
            wait.awaitLine("divvy: task " + id);
            assertEquals("cancelled", client.cancel(id).state());
            assertEquals(1, wait.awaitExit(), wait::toString);
        }
    }

    @Test
    void aSecondCtrlCCancelsTheTask(@TempDir Path folder) throws Exception {
        assumeFalse(isInterruptIgnored(), "this JVM was started with SIGINT ignored, and so are its children");
        RunningProcess submit = submitOneThatNobodyDoes(folder);
        String id = submit.stderr().get(0).replaceFirst("divvy: task ", "");
        submit.interrupt();
        submit.awaitLine("Ctrl-C again cancels it");
        submit.interrupt();
        assertEquals(130, submit.awaitExit(), submit::toString);
        assertTrue(submit.stderr().contains("divvy: task " + id + " is cancelled"), submit::toString);
        try (DivvyClient client = server.connect()) {
            assertEquals("cancelled", client.status(id).state());
        }
    }

    @Test
    void aTaskThatNobodyTakesIsExplainedAfterAWhile(@TempDir Path folder) throws Exception {
        RunningProcess submit = submitOneThatNobodyDoes(folder);
        submit.awaitLine("no worker that takes nobody_does_this is connected");
    }

    @Test
    void aServerThatIsRestartedHasForgottenTheTaskAndSubmitSaysSo(@TempDir Path folder) throws Exception {
        RunningProcess submit = submitOneThatNobodyDoes(folder);
        server.process().kill();
        server.process().awaitExit();
        submit.awaitLine("was lost: .*connecting again");
        RunningProcess again = server.keep(
                RunningProcess.divvy("server", "--port", Integer.toString(server.port()), "--http-port", "0"));
        again.awaitLine("listening on");
        assertEquals(4, submit.awaitExit(), submit::toString);
        String last = submit.stderr().get(submit.stderr().size() - 1);
        assertTrue(last.matches("divvy: the server at .* does not know task .* it was restarted .*"), last);
        assertFalse(submit.toString().contains("goes on"), "only who interrupts it is told that: " + submit);
    }

    /** Returns once it waits for the end of its task. */
    private RunningProcess submitOneThatNobodyDoes(Path folder) throws IOException {
        Path file = folder.resolve("task.json");
        Files.writeString(file, "{\"payloads\":[1]}");
        RunningProcess submit = server.run("submit", "nobody_does_this", "--file", file.toString());
        await().atMost(Duration.ofMinutes(1)).until(() -> stacks(submit).contains("io.divvy.client.TaskHandle.await"));
        return submit;
    }

    /** What the threads of a process are at. */
    private static String stacks(RunningProcess process) throws IOException {
        String jstack =
                Path.of(System.getProperty("java.home"), "bin", "jstack").toString();
        Process running = new ProcessBuilder(jstack, Long.toString(process.pid()))
                .redirectErrorStream(true)
                .start();
        return new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** A shell that starts something in the background may have it ignore SIGINT, and a JVM leaves it at that. */
    private static boolean isInterruptIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        String ignored = Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .findFirst()
                .orElseThrow();
        long mask = Long.parseUnsignedLong(ignored.split("\\s+")[1], 16);
        return (mask & 1L << (SIGINT - 1)) != 0;
    }
}
