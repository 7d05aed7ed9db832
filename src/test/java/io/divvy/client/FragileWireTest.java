package io.divvy.client;

import static io.divvy.client.Waiting.failure;
import static io.divvy.client.Waiting.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.IntNode;
import io.divvy.testing.RunningServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real server, over a wire that is cut again and again. */
@Timeout(60)
class FragileWireTest {
    @Test
    void aTaskGoesOnOverACutWire() throws Exception {
        CountDownLatch cut = new CountDownLatch(1);
        try (RunningServer server = RunningServer.start();
                FragileWire wire = new FragileWire(server.address());
                DivvyClient client = DivvyClient.connect(wire.address())) {
            List<Long> done = new ArrayList<>();
            CompletableFuture<Void> goesOn = new CompletableFuture<>();
            TaskHandle task = client.submit(TaskRequest.of("wait").payloads(List.of(1, 2)), progress -> {
                done.add(progress.done());
                if (cut.getCount() == 0) {
                    goesOn.complete(null);
                }
            });
            wire.cut();
            cut.countDown();
            get(goesOn); // The reports after the cut come over another connection.
            server.startWorker((type, payload) -> payload);
            assertEquals("[1,2]", task.await().toString());
            assertTrue(done.stream().allMatch(count -> count <= 2), done::toString);
        }
    }

    @Test
    void nothingIsSubmittedTwiceAndEveryHandleEndsOnce() throws Exception {
        int rounds = 8;
        int senders = 4;
        int tasksOfEach = 15;
        Map<Integer, Integer> runs = new ConcurrentHashMap<>();
        AtomicInteger ends = new AtomicInteger();
        AtomicInteger cuts = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(senders);
        try (RunningServer server = RunningServer.start();
                FragileWire wire = new FragileWire(server.address());
                DivvyClient client = DivvyClient.connect(wire.address())) {
            server.startWorker((type, payload) -> {
                // In each round once, while submissions, answers and ends are on their way.
                if (runs.merge(payload.intValue(), 1, Integer::sum) == 1
                        && runs.size() % (senders * tasksOfEach) == 10) {
                    cuts.addAndGet(wire.cut());
                }
                return IntNode.valueOf(payload.intValue() * 2);
            });
            for (int round = 0; round < rounds; round++) {
                List<CompletableFuture<Void>> all = new ArrayList<>();
                for (int sender = 0; sender < senders; sender++) {
                    int first = (round * senders + sender) * tasksOfEach;
                    all.add(CompletableFuture.runAsync(
                            () -> submitAndCheck(client, first, tasksOfEach, ends), threads));
                }
                get(CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)));
            }
        } finally {
            threads.shutdown();
        }
        assertEquals(rounds * senders * tasksOfEach, runs.size());
        assertTrue(
                runs.values().stream().allMatch(count -> count == 1), () -> "some tasks were submitted twice: " + runs);
        assertEquals(rounds * senders * tasksOfEach, ends.get());
        assertEquals(rounds * 2, cuts.get(), "each round cut both ends of a connection");
    }

    /** All submissions at once; half of them also asked about, which must survive too. */
    private static void submitAndCheck(DivvyClient client, int first, int count, AtomicInteger ends) {
        List<CompletableFuture<?>> checks = new ArrayList<>();
        for (int number = first; number < first + count; number++) {
            int expected = number * 2;
            CompletableFuture<TaskHandle> handle =
                    client.submitAsync(TaskRequest.of("double").payload(number), progress -> {});
            checks.add(handle.thenCompose(TaskHandle::result).thenAccept(result -> {
                ends.incrementAndGet();
                assertEquals("[" + expected + "]", result.toString());
            }));
            if (number % 2 == 0) {
                checks.add(handle.thenCompose(task -> client.statusAsync(task.id()))
                        .thenAccept(view -> assertEquals("double", view.type())));
            }
        }
        get(CompletableFuture.allOf(checks.toArray(CompletableFuture[]::new)));
    }

    @Test
    void aServerThatWasRestartedHasForgottenTheTask() throws Exception {
        RunningServer before = RunningServer.start();
        try (FragileWire wire = new FragileWire(before.address());
                DivvyClient client = DivvyClient.connect(wire.address())) {
            TaskHandle task = client.submit(TaskRequest.of("wait").payload(1));
            try (RunningServer after = RunningServer.start()) {
                before.close();
                wire.leadTo(after.address());
                failure(TaskLostException.class, task.result());
                after.startWorker((type, payload) -> payload);
                TaskHandle again = client.submit(TaskRequest.of("wait").payload(1));
                assertEquals("[1]", again.await().toString());
            }
        }
    }
}
