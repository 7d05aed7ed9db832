package io.divvy.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.ClientOptions;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskHandle;
import io.divvy.client.TaskRequest;
import io.divvy.testing.RestartableServer;
import io.divvy.testing.SumOfSquaresTask;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The server is killed at random moments while senders submit and workers work. Whatever it had acknowledged is there
 * afterwards: none lost, none wrong, none twice. The profile {@code kills} does it for longer.
 */
class KillTheServerIT {
    private static final int KILLS = Integer.getInteger("divvy.kills", 10);
    private static final long SEED = Long.getLong("divvy.seed", System.nanoTime());
    private static final int SENDERS = 3;
    /** Of one sender, at once. */
    private static final int UNFINISHED_TASKS = 8;

    private static final int LONGEST_LIFE_MS = 3_500;

    private final Map<String, Acknowledged> acknowledged = new ConcurrentHashMap<>();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicReference<Throwable> problem = new AtomicReference<>();

    /** What a sender knows of a task of its own. */
    private static final class Acknowledged {
        final BigInteger answer;
        volatile boolean isCompleted;
        volatile boolean isCancelled;

        Acknowledged(BigInteger answer) {
            this.answer = answer;
        }

        boolean hasEnded() {
            return isCompleted || isCancelled;
        }
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void acknowledgedTasksAndResultsSurviveKillsOnce() throws Exception {
        System.out.println("KillTheServerIT: " + KILLS + " kills, -Ddivvy.seed=" + SEED);
        Random random = new Random(SEED);
        try (RestartableServer server = new RestartableServer()) {
            server.startWorker("ann");
            server.startWorker("bob");
            List<Thread> senders = new ArrayList<>();
            for (int number = 0; number < SENDERS; number++) {
                Sender sender = new Sender(server, number, random.nextLong());
                Thread thread = new Thread(() -> run(sender), "sender-" + number);
                senders.add(thread);
                thread.start();
            }
            int hits = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                long lifeMs = random.nextInt(LONGEST_LIFE_MS);
                await().pollDelay(Duration.ofMillis(lifeMs)).until(() -> true);
                boolean hit = acknowledged.values().stream().anyMatch(task -> !task.hasEnded());
                hits += hit ? 1 : 0;
                server.restart();
            }
            stopping.set(true);
            for (Thread sender : senders) {
                sender.join(Duration.ofMinutes(3).toMillis());
                assertTrue(!sender.isAlive(), sender + " still waits");
            }
            if (problem.get() != null) {
                throw new AssertionError("a sender failed", problem.get());
            }
            System.out.println("KillTheServerIT: " + acknowledged.size() + " tasks were acknowledged; " + hits + " of "
                    + KILLS + " kills hit running work");
            assertTrue(hits > KILLS / 2, hits + " of " + KILLS + " kills hit running work");
            check(server);
        }
    }

    private void run(Sender sender) {
        try {
            sender.run();
        } catch (Exception | AssertionError e) {
            problem.compareAndSet(null, e);
        }
    }

    /** Every acknowledged task is there, as it was acknowledged, and nothing else is. */
    private void check(RestartableServer server) throws Exception {
        Map<String, JsonNode> stored = new HashMap<>();
        String next = "/tasks?limit=1000";
        while (next != null) {
            JsonNode page = server.get(next);
            for (JsonNode task : page.get("items")) {
                assertEquals(null, stored.put(task.get("id").textValue(), task), "listed twice");
            }
            JsonNode cursor = page.path("next_cursor");
            next = cursor.isTextual() ? "/tasks?limit=1000&cursor=" + cursor.textValue() : null;
        }
        Set<String> lost = new HashSet<>(acknowledged.keySet());
        lost.removeAll(stored.keySet());
        assertEquals(Set.of(), lost, "tasks that were acknowledged and are not there");
        Set<String> unknown = new HashSet<>(stored.keySet());
        unknown.removeAll(acknowledged.keySet());
        assertEquals(
                Set.of(), unknown, "tasks that are there a second time: each was submitted under a key of its own");
        acknowledged.forEach((id, task) -> {
            JsonNode view = stored.get(id);
            assertEquals(
                    task.isCancelled ? "cancelled" : "completed",
                    view.get("state").textValue(),
                    view.toString());
            if (task.isCompleted) {
                assertEquals(task.answer, view.get("result").bigIntegerValue(), view.toString());
                JsonNode progress = view.get("progress");
                assertEquals(progress.get("total"), progress.get("done"), "each subtask counts once: " + view);
            }
        });
    }

    /** Submits small and larger tasks, and cancels a few. */
    private final class Sender {
        private final int number;
        private final Random random;
        private final Semaphore unfinished = new Semaphore(UNFINISHED_TASKS);
        private final DivvyClient client;

        /** Connects at once: a first connection has one try only, and the first kill may come soon. */
        Sender(RestartableServer server, int number, long seed) throws IOException {
            this.number = number;
            this.random = new Random(seed);
            this.client = DivvyClient.connect(
                    server.address(), ClientOptions.DEFAULT.withReconnectFor(Duration.ofMinutes(2)));
        }

        void run() throws Exception {
            try (client) {
                for (int count = 0; !stopping.get(); count++) {
                    if (unfinished.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                        submit("sender " + number + " task " + count);
                    }
                }
                assertTrue(unfinished.tryAcquire(UNFINISHED_TASKS, 2, TimeUnit.MINUTES), "tasks that do not end");
            }
        }

        private void submit(String key) throws Exception {
            boolean isLarge = random.nextInt(4) == 0;
            SumOfSquaresTask task = isLarge
                    ? new SumOfSquaresTask(300_000_000L + random.nextInt(500_000_000), 20 + random.nextInt(3_000))
                    : new SumOfSquaresTask(1 + random.nextInt(1_000_000), 1 + random.nextInt(5));
            TaskHandle handle = client.submit(request(task).key(key));
            Acknowledged mine = new Acknowledged(task.answer());
            Acknowledged former = acknowledged.putIfAbsent(handle.id(), mine);
            assertEquals(null, former, "two keys, one task");
            if (random.nextInt(10) == 0) {
                String state = handle.cancel().state();
                mine.isCancelled = state.equals("cancelled");
            }
            handle.result().whenComplete((result, failure) -> {
                if (failure == null) {
                    mine.isCompleted = true;
                    if (!result.bigIntegerValue().equals(mine.answer)) {
                        problem.compareAndSet(null, new AssertionError(handle.id() + " has the answer " + result));
                    }
                } else if (!mine.isCancelled) {
                    problem.compareAndSet(null, failure);
                }
                unfinished.release();
            });
        }

        private TaskRequest request(SumOfSquaresTask task) {
            return TaskRequest.of("sum_of_squares")
                    .param("start", 1)
                    .param("end", task.end())
                    .subtasks(task.subtasks());
        }
    }
}
