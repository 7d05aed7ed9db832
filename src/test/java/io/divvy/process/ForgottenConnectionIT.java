package io.divvy.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.client.ClientOptions;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskHandle;
import io.divvy.client.TaskRequest;
import io.divvy.task.TaskTypes;
import io.divvy.testing.BlackHole;
import io.divvy.testing.ServerProcess;
import io.divvy.worker.Worker;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * A box in the middle forgets the connections of a worker and a sender, and tells neither. Both give them up after two
 * heartbeats of the server, not after the usual 30 s, so that the test is quick.
 */
class ForgottenConnectionIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long SILENCE_MS = 5_000;

    @Test
    void workerAndSenderReconnectAfterTheNetworkDroppedTheirConnections() throws Exception {
        try (ServerProcess server = new ServerProcess();
                BlackHole box = new BlackHole(new InetSocketAddress("127.0.0.1", server.port()))) {
            Worker worker =
                    new Worker(new Worker.Config(box.address(), "behind", 1, 8, TaskTypes.builtin()), null, SILENCE_MS);
            Thread working = new Thread(
                    () -> {
                        try {
                            worker.run();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    "behind");
            working.setDaemon(true);
            working.start();
            try (DivvyClient client = DivvyClient.connect(
                    box.address(), ClientOptions.DEFAULT.withSilence(Duration.ofMillis(SILENCE_MS)))) {
                await().atMost(PATIENCE).until(() -> box.connections() == 2);
                TaskHandle task = client.submit(TaskRequest.of("prime_count")
                        .param("start", 1_000_000_000_000L)
                        .param("end", 1_000_040_000_000L)
                        .subtasks(400));
                await().atMost(PATIENCE).until(() -> task.status().progress().done() > 0);
                box.forget();
                assertEquals("1447020", task.await(PATIENCE).toString());
                assertEquals(4, box.connections(), "each came back once");
            } finally {
                worker.drain();
            }
        }
    }
}
