package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskHandle;
import io.divvy.client.TaskRequest;
import io.divvy.protocol.CombineMode;
import io.divvy.protocol.TaskObject.OnFailure;
import io.divvy.testing.ServerProcess;
import io.divvy.testing.WirePeer;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers join and die all the time beside three good ones. No task may fail, and none may complete with failed parts. The
 * profile {@code fleet} does it with 500 of them each second, for longer.
 */
class DyingFleetIT {
    private static final Logger LOG = LoggerFactory.getLogger(DyingFleetIT.class);
    private static final int EACH_SECOND = Integer.getInteger("divvy.fleet", 100);
    private static final int TASKS = Integer.getInteger("divvy.fleet.tasks", 60);
    private static final int THREADS = 25;
    private static final long LIFE_NANOS = 1_000_000_000L * THREADS / EACH_SECOND;
    private static final long WORK_NANOS = 10_000_000;
    private static final int SUBTASKS = 10;

    private final ServerProcess server = new ServerProcess();
    private final InetSocketAddress address = new InetSocketAddress("127.0.0.1", server.port());
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicInteger lives = new AtomicInteger();
    private final AtomicInteger deaths = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private final List<WirePeer> good = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        stopping.set(true);
        good.forEach(WirePeer::vanish);
        for (Thread thread : threads) {
            thread.join();
        }
        server.close();
    }

    private void start(Runnable code) {
        Thread thread = new Thread(code, "fleet");
        threads.add(thread);
        thread.start();
    }

    private WirePeer join(String name) {
        WirePeer worker = WirePeer.connect(address);
        worker.send("{'type':'worker','protocol':2,'name':'" + name + "','credit':4,'task_types':['number']}");
        worker.receive("welcome");
        return worker;
    }

    /** Ten milliseconds for a subtask, whose result is its payload. */
    private void workWell(WirePeer worker) {
        try {
            while (!stopping.get()) {
                JsonNode message = worker.receive();
                if (!message.get("type").textValue().equals("assign")) {
                    continue;
                }
                long index = message.get("from").longValue();
                for (JsonNode payload : message.get("payloads")) {
                    LockSupport.parkNanos(WORK_NANOS);
                    worker.send("{'type':'result','lease':" + message.get("lease") + ",'from':" + index++
                            + ",'results':[" + payload + "]}");
                }
            }
        } catch (UncheckedIOException | AssertionError e) {
            // The test is over; or the server let it go, and the tasks below do not end.
            LOG.info("a good worker stops: {}", e.toString());
        }
    }

    private void dieAgainAndAgain(int number) {
        long dueNanos = System.nanoTime();
        while (!stopping.get()) {
            int life = lives.incrementAndGet();
            // Half of them come again under their names, the others never do.
            WirePeer worker = join(life % 2 == 0 ? "fleet-" + number : "passer-by-" + life);
            dueNanos += LIFE_NANOS;
            while (worker.available() == 0 && System.nanoTime() < dueNanos) {
                LockSupport.parkNanos(1_000_000);
            }
            if (worker.available() > 0) {
                deaths.incrementAndGet();
            }
            worker.vanish();
            LockSupport.parkNanos(dueNanos - System.nanoTime());
        }
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void noTaskFailsBesideThreeWorkersThatWork() throws Exception {
        for (String name : List.of("ann", "bob", "cid")) {
            WirePeer worker = join(name);
            good.add(worker);
            start(() -> workWell(worker));
        }
        for (int thread = 0; thread < THREADS; thread++) {
            int number = thread;
            start(() -> dieAgainAndAgain(number));
        }
        long startNanos = System.nanoTime();
        List<TaskHandle> tasks = new ArrayList<>();
        try (DivvyClient client = server.connect()) {
            for (int task = 0; task < TASKS; task++) {
                tasks.add(client.submit(TaskRequest.of("number")
                        .payloads(IntStream.range(0, SUBTASKS).boxed().toList())
                        .combine(CombineMode.COLLECT)
                        .onFailure(task % 2 == 0 ? OnFailure.FAIL : OnFailure.CONTINUE)));
            }
            for (TaskHandle task : tasks) {
                assertEquals("[0,1,2,3,4,5,6,7,8,9]", task.await().toString());
            }
        }
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        System.out.println(String.format(
                Locale.ROOT,
                "DyingFleetIT: %d tasks of %d subtasks in %.1f s; %d workers joined and died, %.0f each second, %d of them"
                        + " with something",
                TASKS,
                SUBTASKS,
                seconds,
                lives.get(),
                lives.get() / seconds,
                deaths.get()));
        assertTrue(deaths.get() > 0, "some of them got something");
    }
}
