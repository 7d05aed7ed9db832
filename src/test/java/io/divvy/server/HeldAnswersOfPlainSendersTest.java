package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.net.NetLimits;
import io.divvy.scheduler.Limits;
import io.divvy.state.SubmitKey;
import io.divvy.store.ForwardingStore;
import io.divvy.store.MemoryStore;
import io.divvy.store.ReadFailure;
import io.divvy.store.Retention;
import io.divvy.store.StoredTask;
import io.divvy.testing.ServerLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.Collections;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers of a plain sender that wait behind a task that nobody does are bounded, all such senders together. */
class HeldAnswersOfPlainSendersTest {
    private static final int ROOM = 20;
    /** Far more than are read at once. */
    private static final int MANY = 5_000;
    /** In so many turns of the loop all of them are read if nothing forbids it. */
    private static final int PIECES = 100;

    private final TcpServer server = TcpServer.start(
            NetLimits.DEFAULT,
            Limits.DEFAULT,
            ServerLimitsOf.with(draft -> draft.watcherBytes = ROOM * TaskWatchers.WATCHER_BYTES));

    private static String task(String id, int subtasks) {
        return "{'task_id':'" + id + "','range':[1,3],'num_subtasks':" + subtasks + "}";
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aSenderWithTooManyHeldAnswersIsNotReadFromUntilItsTaskEnds() {
        WirePeer greedy = WirePeer.plainSender(server);
        greedy.send(task("first", 1));
        greedy.sendTogether(Collections.nCopies(MANY, task("bad", 0)));
        await().until(() -> server.load().desk().watchers() >= ROOM);
        WirePeer other = WirePeer.plainSender(server);
        other.send(task("second", 1));
        for (int piece = 0; piece < PIECES; piece++) {
            server.settle();
        }
        assertEquals(2, server.load().desk().openTasks());
        int watchers = server.load().desk().watchers();
        assertTrue(watchers < MANY / 2, watchers + ": those of one read may be beyond the room, not more");

        WirePeer worker = WirePeer.plainWorker(server);
        for (int i = 0; i < 2; i++) {
            worker.answerPlainly(worker.receive());
        }
        assertEquals(14, other.receive().get("result").intValue());
        assertEquals(14, greedy.receive().get("result").intValue());
        for (int i = 0; i < MANY; i++) {
            assertEquals("failed", greedy.receive().get("status").textValue());
        }
        await().until(() -> server.load().desk().watchers() == 0);
    }

    @Test
    void aPlainSenderThatLeavesMakesRoomForHeldAnswers() {
        WirePeer sender = WirePeer.plainSender(server);
        sender.send(task("first", 1));
        sender.sendTogether(Collections.nCopies(ROOM / 2, task("bad", 0)));
        await().until(() -> server.load().desk().watchers() == 1 + ROOM / 2);
        sender.reset();
        await().until(() -> server.load().desk().watchers() == 0);
    }

    @Test
    void anAnswerThatComesAfterItsSenderIsGoneIsNotHeld() {
        LateStore store = new LateStore();
        try (TcpServer late = TcpServer.start(store, ServerLimits.DEFAULT)) {
            WirePeer sender = WirePeer.plainSender(late);
            sender.send(task("first", 1));
            sender.send(task("second", 1));
            await().until(() -> store.lookups.size() == 2);
            sender.reset();
            late.awaitConnections(0);
            store.lookups.forEach(Runnable::run);
            late.settle();
            assertEquals(0, late.load().desk().watchers());
        }
    }

    /** Its look-ups by key fail, and when is said by the test. */
    private static final class LateStore extends ForwardingStore {
        private final Queue<Runnable> lookups = new ConcurrentLinkedQueue<>();
        private Executor loop = task -> {};

        LateStore() {
            super(new MemoryStore(Retention.DEFAULT));
        }

        @Override
        public void start(Executor loop, Listener listener) {
            this.loop = loop;
            super.start(loop, listener);
        }

        @Override
        public void findFinishedByKey(
                SubmitKey key, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
            ReadFailure failure = new ReadFailure(ReadFailure.Reason.UNREADABLE, "the row is damaged");
            lookups.add(() -> loop.execute(() -> failed.accept(failure)));
        }
    }
}
