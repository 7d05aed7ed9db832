package io.divvy.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskFailedException;
import io.divvy.client.TaskHandle;
import io.divvy.protocol.TaskView;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import io.divvy.testing.SumOfSquaresTask;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real workers, real signals. */
class WorkerProcessIT {
    private static final SumOfSquaresTask SOME_SECONDS = new SumOfSquaresTask(2_000_000_000L, 200);

    private final ServerProcess server = new ServerProcess();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aTaskSurvivesTheDeathOfAWorker() throws Exception {
        RunningProcess doomed = server.startWorker("doomed");
        server.startWorker("survivor");
        try (DivvyClient client = server.connect()) {
            TaskHandle task = client.submit(SOME_SECONDS.toJson(), progress -> {
                if (progress.done() > 20) {
                    doomed.kill();
                }
            });
            assertEquals(SOME_SECONDS.answer(), task.await().bigIntegerValue());
            assertEquals(137, doomed.awaitExit(), "killed, 128 + 9");
            TaskView view = client.status(task.id());
            assertEquals(200, view.progress().done());
            assertTrue(view.retries() >= 1, "what the dead worker was running was run again: " + view);
        }
    }

    @Test
    void aSubtaskThatTakesDownAllWorkersFailsAndSaysWhoDiedAndOfWhat() throws Exception {
        try (DivvyClient client = server.connect()) {
            TaskHandle task = client.submit(new SumOfSquaresTask(400_000_000_000L, 1).toJson(), progress -> {});
            RunningProcess last = null;
            for (int life = 0; life < 3; life++) {
                String exitCode = last == null ? "0" : Integer.toString(last.awaitExit());
                last = server.keep(RunningProcess.divvy(
                        "worker", "--server", server.address(), "--name", "ann", "--last-exit-code", exitCode));
                await().until(() -> client.status(task.id()).progress().leased() == 1);
                last.kill();
                await().until(() -> client.status(task.id()).progress().leased() == 0);
            }
            TaskFailedException failed = assertThrows(TaskFailedException.class, task::await);
            assertTrue(
                    failed.getMessage()
                            .matches("(?s).*subtask 0: it was all that workers ran when they died, 3 times: ann at"
                                    + " 127\\.0\\.0\\.1 \\(3 times, the last: .+; exit code 137\\).*"),
                    failed.getMessage());
        }
    }

    @Test
    void workersWithoutANameAreCalledAfterTheirHost() throws Exception {
        for (int i = 0; i < 2; i++) {
            server.keep(RunningProcess.divvy("worker", "--server", server.address()))
                    .awaitLine("connected to");
        }
        String host = InetAddress.getLocalHost().getHostName();
        await().untilAsserted(() -> {
            RunningProcess workers = server.run("workers");
            assertEquals(0, workers.awaitExit());
            String table = String.join("\n", workers.stdout());
            assertTrue(table.contains(" " + host + " ") && table.contains(" " + host + "-2 "), table);
        });
    }

    @Test
    void aWorkerThatIsToldToStopFinishesWhatIsStartedAndGivesBackTheRest() throws Exception {
        RunningProcess polite = server.startWorker("polite");
        try (DivvyClient client = server.connect()) {
            CountDownLatch started = new CountDownLatch(1);
            TaskHandle task = client.submit(SOME_SECONDS.toJson(), progress -> {
                if (progress.done() > 5) {
                    started.countDown();
                }
            });
            started.await();
            polite.terminate();
            assertEquals(0, polite.awaitExit());
            await().until(() -> client.status(task.id()).progress().leased() == 0);
            assertEquals("running", client.status(task.id()).state());

            server.startWorker("successor");
            assertEquals(SOME_SECONDS.answer(), task.await().bigIntegerValue());
            TaskView view = client.status(task.id());
            assertEquals(0, view.retries(), "nothing was lost, so nothing was run again");
            assertEquals(0, view.duplicates());
        }
    }

    @Test
    void aWorkerThatIsThereBeforeItsServerFindsIt() throws Exception {
        int port = server.port();
        server.process().terminate();
        assertEquals(0, server.process().awaitExit());
        RunningProcess early = server.keep(
                RunningProcess.divvy("worker", "--server", "127.0.0.1:" + port, "--slots", "1", "--name", "early"));
        early.awaitLine("no server at 127\\.0\\.0\\.1:" + port + " ");
        RunningProcess late =
                server.keep(RunningProcess.divvy("server", "--port", Integer.toString(port), "--http-port", "0"));
        late.awaitLine("listening on");
        early.awaitLine("connected to");
        try (DivvyClient client = server.connect()) {
            SumOfSquaresTask task = new SumOfSquaresTask(1_000, 10);
            assertEquals(
                    task.answer(),
                    client.submit(task.toJson(), progress -> {}).await().bigIntegerValue());
        }
    }

    @Test
    void aCancelledTaskIsInterruptedWhereItRuns() throws Exception {
        server.startWorker("busy");
        try (DivvyClient client = server.connect()) {
            // One subtask that would take minutes.
            SumOfSquaresTask minutes = new SumOfSquaresTask(400_000_000_000L, 1);
            CountDownLatch started = new CountDownLatch(1);
            TaskHandle long1 = client.submit(minutes.toJson(), progress -> {
                if (progress.leased() == 1) {
                    started.countDown();
                }
            });
            started.await();
            TaskView cancelled = client.cancel(long1.id());
            assertEquals("cancelled", cancelled.state());
            assertEquals(1, cancelled.progress().cancelled());
            assertNull(cancelled.result());

            SumOfSquaresTask next = new SumOfSquaresTask(1_000, 10);
            JsonNode answer = client.submit(next.toJson(), progress -> {}).await();
            assertEquals(next.answer(), answer.bigIntegerValue());
        }
    }

    @Test
    void aSubtaskThatTakesTooLongIsInterruptedAndFailsItsTask() throws Exception {
        server.startWorker("slow");
        try (DivvyClient client = server.connect()) {
            SumOfSquaresTask minutes = new SumOfSquaresTask(400_000_000_000L, 1);
            TaskHandle task = client.submit(
                    minutes.toJson().put("subtask_timeout_ms", 200).put("max_attempts", 2), progress -> {});
            await().until(() -> client.status(task.id()).isFinished());
            TaskView view = client.status(task.id());
            assertEquals("failed", view.state());
            assertEquals("subtask_failed", view.error().code());
            assertEquals(2, view.error().attempts());
            assertTrue(
                    view.error().message().contains("timed out after 200 ms"),
                    view.error().message());
        }
    }

    @Test
    void aProcessThatIsToldToStopAtTheEndOfItsInputDoesSo() throws IOException {
        RunningProcess child = server.keep(RunningProcess.divvy(
                List.of("-Ddivvy.stop-with-stdin=true"), Map.of(), "worker", "--server", server.address()));
        child.awaitLine("connected to");
        child.closeInput();
        assertEquals(0, child.awaitExit(), child::toString);
    }
}
