package io.divvy.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskHandle;
import io.divvy.client.TaskRequest;
import io.divvy.protocol.CombineMode;
import io.divvy.testing.ServerProcess;
import io.divvy.testing.WirePeer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The real jar, stopped for longer than any worker may be silent, again and again. */
class PausedServerIT {
    /** Longer than the 15 s after which a silent worker is dropped. */
    private static final Duration PAUSE = Duration.ofSeconds(18);

    private static final int PAUSES = Integer.getInteger("divvy.pauses", 1);
    private static final long HEARTBEAT_MS = 1_500;

    static Stream<Integer> workers() {
        return Stream.of(System.getProperty("divvy.pauses.workers", "30").split(","))
                .map(Integer::valueOf);
    }

    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    @ParameterizedTest(name = "{0} workers")
    @MethodSource("workers")
    void aPauseDropsNobodyAndCostsNoAttempt(int count) throws Exception {
        List<WirePeer> workers = new ArrayList<>();
        ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
        try (ServerProcess server = new ServerProcess();
                DivvyClient client = DivvyClient.connect(new InetSocketAddress("127.0.0.1", server.port()))) {
            TaskRequest request = TaskRequest.of("squares").combine(CombineMode.SUM);
            IntStream.range(0, count).forEach(request::payload);
            TaskHandle task = client.submit(request);
            List<JsonNode> leases = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                WirePeer worker = WirePeer.connect(new InetSocketAddress("127.0.0.1", server.port()));
                workers.add(worker);
                worker.send("{'type':'worker','protocol':2,'name':'w" + i + "','task_types':['squares']}");
                leases.add(worker.receiveAfter("assign", "welcome", "task"));
            }
            heart.scheduleAtFixedRate(
                    () -> workers.forEach(worker -> worker.send("{'type':'heartbeat'}")),
                    0,
                    HEARTBEAT_MS,
                    TimeUnit.MILLISECONDS);

            for (int pause = 0; pause < PAUSES; pause++) {
                server.process().standStill();
                pass(PAUSE);
                server.process().goOn();
                client.status(task.id()); // It runs again.
                pass(Duration.ofSeconds(1)); // What it may think of them, it thinks by now.
                assertEquals(List.of(), drops(server), "after pause " + pause);
                assertEquals(count, client.status(task.id()).progress().leased());
            }
            for (int i = 0; i < count; i++) {
                JsonNode lease = leases.get(i);
                workers.get(i)
                        .send("{'type':'result','lease':" + lease.get("lease") + ",'from':" + lease.get("from")
                                + ",'results':[" + lease.get("payloads").get(0) + "]}");
            }
            assertEquals((long) count * (count - 1) / 2, task.await().longValue());
            assertEquals(0, client.status(task.id()).retries());
            assertEquals(List.of(), drops(server));
        } finally {
            heart.shutdownNow();
            workers.forEach(WirePeer::close);
        }
    }

    /** The pause is what this test is about; there is nothing to wait for in it. */
    private static void pass(Duration time) {
        await().pollDelay(time).atMost(time.multipliedBy(2)).until(() -> true);
    }

    private static List<String> drops(ServerProcess server) {
        return server.process().stderr().stream()
                .filter(line -> line.contains("is dropped") || line.contains(" left: "))
                .toList();
    }
}
