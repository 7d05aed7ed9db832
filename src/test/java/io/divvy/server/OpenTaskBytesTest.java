package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.store.MemoryStore;
import io.divvy.store.Retention;
import io.divvy.store.TaskStore;
import io.divvy.store.sqlite.SqliteStore;
import io.divvy.testing.TcpServer;
import io.divvy.testing.UsedHeap;
import io.divvy.testing.WirePeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an open task is charged is not less than what it takes: the heap that is used is looked at, with and without them. */
class OpenTaskBytesTest {
    private static final int TASKS = 4_000;
    private static final int SOME = 50;
    private static final int LOOKS = 4;
    /** The heap is never quite the same, and classes are loaded meanwhile. */
    private static final long NOISE_BYTES = 1 << 20;

    @TempDir
    Path folder;

    private static void isChargedEnough(TaskStore store, IntFunction<String> task) {
        try (TcpServer server = TcpServer.start(store, ServerLimits.DEFAULT)) {
            isChargedEnough(server, () -> {}, task);
        }
    }

    private static void isChargedEnough(TcpServer server, Runnable afterSome, IntFunction<String> task) {
        List<Double> used = new ArrayList<>();
        // What tests before this one left may be freed just now.
        while (used.size() < LOOKS && !isRight(used)) {
            int first = 10_000 * used.size();
            used.add(usedPart(server, afterSome, number -> task.apply(first + number)));
        }
        assertTrue(isRight(used), used + " of what is charged is taken");
    }

    /** Whether the last look saw what is charged taken, and not much less. */
    private static boolean isRight(List<Double> used) {
        double last = used.isEmpty() ? 0 : used.get(used.size() - 1);
        return last <= 1 && last > 0.5;
    }

    /** How much of what is charged is taken. */
    private static double usedPart(TcpServer server, Runnable afterSome, IntFunction<String> task) {
        try (WirePeer sender = WirePeer.sender(server)) {
            submit(sender, afterSome, task, 0, 100); // So that classes are loaded.
            long before = UsedHeap.bytes();
            long chargedBefore = charged(server);
            submit(sender, afterSome, task, 100, TASKS);
            server.settle();
            long taken = UsedHeap.bytes() - before - NOISE_BYTES;
            long charged = charged(server) - chargedBefore;
            return (double) taken / charged;
        }
    }

    private static long charged(TcpServer server) {
        CoreGauges core = server.load().memory().core();
        return core.openTasks() + core.leases();
    }

    private static void submit(WirePeer sender, Runnable afterSome, IntFunction<String> task, int from, int count) {
        for (int i = from; i < from + count; i++) {
            sender.send("{'type':'submit','request':1,'task':" + task.apply(i) + "}");
            if (i % SOME == SOME - 1) {
                for (int answer = 0; answer < SOME; answer++) {
                    sender.receive("accepted");
                }
                afterSome.run();
            }
        }
    }

    private static String tiny(int number) {
        return "{'type':'mine','payloads':[1]}";
    }

    private static String withTexts(int number) {
        return "{'type':'sum_of_squares','params':{'start':0,'end':" + number
                + "},'subtasks':1,'key':'the key of task " + number + "','name':'the task of number " + number
                + "','labels':{'number':'" + number + "','colour':'blue'},'timeout_ms':3600000}";
    }

    private static String withPayloads(int number) {
        return "{'type':'mine','payloads':[" + "[1,2,[3]],{'a':1},'text',".repeat(20) + number + "]}";
    }

    @Test
    void aTinyTaskInMemoryTakesNoMoreThanItIsChargedWith() {
        isChargedEnough(new MemoryStore(Retention.DEFAULT), OpenTaskBytesTest::tiny);
    }

    @Test
    void aLeasedTinyTaskTakesNoMoreThanItIsChargedWith() {
        try (TcpServer server = TcpServer.start(new MemoryStore(Retention.DEFAULT), ServerLimits.DEFAULT);
                WirePeer worker = WirePeer.worker(server, 10_000, "'credit':100000,'task_types':['mine']")) {
            Runnable reads = () -> {
                server.settle();
                while (worker.available() > 0) {
                    worker.receive();
                }
            };
            isChargedEnough(server, reads, OpenTaskBytesTest::tiny);
        }
    }

    @Test
    void aWatcherTakesNoMoreThanItIsChargedWith() {
        int others = 5;
        try (TcpServer server = TcpServer.start(new MemoryStore(Retention.DEFAULT), ServerLimits.DEFAULT);
                WirePeer sender = WirePeer.sender(server)) {
            List<String> tasks = new ArrayList<>();
            for (int i = 0; i < TASKS; i++) {
                sender.send("{'type':'submit','request':1,'task':" + tiny(i) + "}");
                tasks.add(sender.receive("accepted").get("task_id").textValue());
            }
            try (WirePeer first = WirePeer.sender(server)) {
                attach(first, tasks); // So that classes are loaded.
                List<Double> taken = new ArrayList<>();
                // Something else in this process may come to use memory just now.
                while (taken.size() < LOOKS && taken.stream().noneMatch(bytes -> bytes <= TaskWatchers.WATCHER_BYTES)) {
                    taken.add(bytesOfWatchers(server, tasks, others) / (others * TASKS));
                }
                assertTrue(
                        taken.get(taken.size() - 1) <= TaskWatchers.WATCHER_BYTES,
                        taken + " bytes for each, where the last counts");
            }
        }
    }

    private static double bytesOfWatchers(TcpServer server, List<String> tasks, int peersCount) {
        List<WirePeer> peers = new ArrayList<>();
        for (int i = 0; i < peersCount; i++) {
            peers.add(WirePeer.sender(server));
        }
        long before = UsedHeap.bytes();
        peers.forEach(peer -> attach(peer, tasks));
        server.settle();
        double bytes = UsedHeap.bytes() - before;
        int others = server.gauges().connections() - peersCount;
        peers.forEach(WirePeer::reset);
        server.awaitConnections(others);
        return bytes;
    }

    private static void attach(WirePeer peer, List<String> tasks) {
        for (String task : tasks) {
            peer.send("{'type':'attach','request':1,'task_id':'" + task + "'}");
            peer.receiveAfter("task", "progress");
        }
    }

    @Test
    void aTinyTaskOnDiskTakesNoMoreThanItIsChargedWith() throws IOException {
        isChargedEnough(SqliteStore.open(folder, Retention.DEFAULT), OpenTaskBytesTest::tiny);
    }

    @Test
    void aTaskWithKeyLabelsAndTimeoutTakesNoMoreThanItIsChargedWith() {
        isChargedEnough(new MemoryStore(Retention.DEFAULT), OpenTaskBytesTest::withTexts);
    }

    @Test
    void aTaskWithPayloadsTakesNoMoreThanItIsChargedWith() {
        isChargedEnough(new MemoryStore(Retention.DEFAULT), OpenTaskBytesTest::withPayloads);
    }
}
