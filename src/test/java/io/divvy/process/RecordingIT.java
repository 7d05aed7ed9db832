package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.client.DivvyClient;
import io.divvy.client.TaskHandle;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import io.divvy.testing.SumOfSquaresTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real server records leads to the same in another process. */
class RecordingIT {
    private static final SumOfSquaresTask SOME_SECONDS = new SumOfSquaresTask(2_000_000_000L, 200);
    private static final SumOfSquaresTask QUICK = new SumOfSquaresTask(1_000, 10);

    @TempDir
    Path folder;

    @Test
    void theRecordingOfAServerWhoseWorkerIsKilledReplays() throws Exception {
        Path file = folder.resolve("recording.txt");
        try (ServerProcess server = ServerProcess.recording(file, "memory", folder.resolve("data"))) {
            RunningProcess doomed = server.startWorker("doomed");
            server.startWorker("survivor");
            try (DivvyClient client = server.connect()) {
                TaskHandle task = client.submit(SOME_SECONDS.toJson(), progress -> {
                    if (progress.done() > 20) {
                        doomed.kill();
                    }
                });
                for (int i = 0; i < 20; i++) {
                    assertEquals(
                            QUICK.answer(),
                            client.submit(QUICK.toJson(), progress -> {})
                                    .await()
                                    .bigIntegerValue());
                }
                assertEquals(SOME_SECONDS.answer(), task.await().bigIntegerValue());
            }
            server.process().terminate();
            assertEquals(0, server.process().awaitExit());
        }
        assertTrue(replay(file).endsWith(" effects: the same; the recording ends there: the server stopped"));
        String text = Files.readString(file);
        assertTrue(text.contains(" WorkerLeft {"), "the death is in it");

        Path changed = folder.resolve("changed.txt");
        Files.writeString(changed, text.replaceFirst("> Assign \\{worker:1, ", "> Assign {worker:3, "));
        try (RunningProcess replay = RunningProcess.divvy("replay", "--quiet", changed.toString())) {
            assertEquals(1, replay.awaitExit(), replay::toString);
            List<String> said = replay.stdout();
            assertTrue(said.get(0).matches("line \\d+: the first difference"), said::toString);
            assertTrue(said.get(1).startsWith("  recorded: > Assign {worker:3, "), said::toString);
            assertTrue(said.get(2).startsWith("  now:      > Assign {worker:1, "), said::toString);
        }
    }

    @Test
    void recordingsOfAKilledServerAndOfTheNextOneReplay() throws Exception {
        Path first = folder.resolve("first.txt");
        Path second = folder.resolve("second.txt");
        Path data = folder.resolve("data");
        String id;
        try (ServerProcess server = ServerProcess.recording(first, "sqlite", data)) {
            server.startWorker("ann");
            try (DivvyClient client = server.connect()) {
                CountDownLatch begun = new CountDownLatch(1);
                id = client.submit(SOME_SECONDS.toJson(), progress -> {
                            if (progress.done() > 20) {
                                begun.countDown();
                            }
                        })
                        .id();
                begun.await();
                server.process().kill();
                server.process().awaitExit();
            }
        }
        assertTrue(
                replay(first)
                        .endsWith(
                                "the same; behind its last whole line the recording breaks off, as when the server was killed"));

        try (ServerProcess server = ServerProcess.recording(second, "sqlite", data)) {
            server.startWorker("bob");
            try (DivvyClient client = server.connect()) {
                assertEquals(
                        SOME_SECONDS.answer(),
                        client.attach(id, progress -> {}).await().bigIntegerValue());
            }
            server.process().terminate();
            assertEquals(0, server.process().awaitExit());
        }
        assertTrue(Files.readString(second).contains("@0 TaskRestored {spec:{id:\"" + id + "\""), "it went on");
        assertTrue(replay(second).endsWith("the same; the recording ends there: the server stopped"));
    }

    @Test
    void anExistingFileIsNeitherRecordedOverNorReplayed() throws IOException {
        Path file = folder.resolve("recording.txt");
        Files.writeString(file, "of yesterday\n");
        try (RunningProcess server = RunningProcess.divvy("server", "--port", "0", "--record", file.toString())) {
            assertEquals(6, server.awaitExit(), server::toString);
            assertTrue(server.stderr().get(0).startsWith("divvy: --record: there is a file " + file), server::toString);
        }
        try (RunningProcess replay = RunningProcess.divvy("replay", file.toString())) {
            assertEquals(2, replay.awaitExit(), replay::toString);
            assertTrue(
                    replay.stderr().get(0).startsWith("divvy: " + file + ", line 1: this is no recording"),
                    replay::toString);
        }
    }

    @Test
    void aServerGoesOnWhenItsRecordingIsFull() throws Exception {
        Path file = folder.resolve("recording.txt");
        Map<String, String> small = Map.of("DIVVY_RECORD", file.toString(), "DIVVY_RECORD_SIZE", "64KiB");
        try (ServerProcess server = ServerProcess.with(small)) {
            server.startWorker("ann");
            try (DivvyClient client = server.connect()) {
                for (int i = 0; i < 200; i++) {
                    assertEquals(
                            QUICK.answer(),
                            client.submit(QUICK.toJson(), progress -> {})
                                    .await()
                                    .bigIntegerValue());
                }
            }
            server.process().awaitLine("the recording ends here, and the server goes on: it has reached its size");
        }
        assertTrue(Files.size(file) <= 64 << 10, "bytes: " + Files.size(file));
        assertTrue(replay(file).endsWith("the recording ends there: it has reached its size of 65536 bytes"));
    }

    /** Returns what came of it; both with and without turns. */
    private static String replay(Path file) throws IOException {
        String quiet;
        try (RunningProcess replay = RunningProcess.divvy("replay", "--quiet", file.toString())) {
            assertEquals(0, replay.awaitExit(), replay::toString);
            assertEquals(1, replay.stdout().size(), replay::toString);
            quiet = replay.stdout().get(0);
        }
        try (RunningProcess replay = RunningProcess.divvy("replay", file.toString())) {
            assertEquals(0, replay.awaitExit());
            List<String> printed = replay.stdout();
            assertEquals("# " + quiet, printed.get(printed.size() - 1));
            String recorded = Files.readString(file);
            String whole = recorded.substring(0, recorded.lastIndexOf('\n') + 1);
            assertTrue(
                    String.join("\n", printed).startsWith(whole.stripTrailing()),
                    "the turns are printed as they stand");
        }
        return quiet;
    }
}
