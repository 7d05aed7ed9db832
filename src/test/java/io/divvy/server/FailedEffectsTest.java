package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.LongNode;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ResultValues;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Refusal;
import io.divvy.scheduler.WorkerId;
import io.divvy.server.session.ArrivedResults;
import io.divvy.state.Results;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.ForwardingStore;
import io.divvy.store.MemoryStore;
import io.divvy.store.ReadFailure;
import io.divvy.store.Retention;
import io.divvy.store.StoredTask;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Each effect that can fail, for want of memory or by a mistake, and who pays for that: a task, a worker, or somebody who asked;
 * never those beside them, and never by waiting for ever.
 */
class FailedEffectsTest extends ServerOfFailingParts {
    @Test
    void aLeaseThatDoesNotReachItsWorkerGoesToAnotherAndNobodyIsSuspected() {
        Sender sender = new Sender().submit(4);
        Worker deaf = new Worker("deaf", "assign");
        assertEquals(
                "the server failed to send it a message: java.lang.OutOfMemoryError: as if there were none",
                deaf.droppedBecause);
        Worker good = new Worker("good", null);
        assertEquals(0, good.leases.get(0).from());
        assertEquals(2, good.leases.get(0).to(), "a suspect would be leased alone");
        while (!good.leases.isEmpty()) {
            good.answer();
        }
        passSaving();
        assertEquals(TaskSnapshot.State.COMPLETED, assertNotNullEnd(sender).state());
        assertNull(broken);
    }

    private static TaskSnapshot assertNotNullEnd(Sender sender) {
        assertNotNull(sender.end);
        return sender.end;
    }

    @Test
    void aWorkerToWhichAnyMessageFailsIsLetGo() {
        TaskId task = new TaskId("t");
        int number = 0;
        for (Effect effect : List.of(
                new Effect.DescribeTask(worker(), task, 1),
                new Effect.Assign(worker(), 1, task, 0, 1, null),
                new Effect.Revoke(worker(), 1, 0),
                new Effect.CancelLease(worker(), 1),
                new Effect.Ack(worker(), 1L, task, 0, 1),
                new Effect.CancelWork(worker(), task),
                new Effect.Forget(worker(), task),
                new Effect.RefuseMessage(worker(), new Refusal(Refusal.Kind.BAD_MESSAGE, "no", null)),
                new Effect.GoAway(worker()),
                new Effect.DropWorker(worker(), "it was silent"))) {
            effect.dispatch(new Amends(driver, desk, doors, persistence, NO_MEMORY));
            number++;
            assertEquals(10 - number, doors.count(), effect.toString());
        }
    }

    private WorkerId worker() {
        return new Worker("w", null).id;
    }

    @Test
    void aWorkerThatCannotBeLetGoEitherEndsTheServer() {
        new Sender().submit(1);
        Worker unused = new Worker("w", "assign, drop");
        assertEquals(FatalEnd.Reason.EFFECT_BROKE, broken, () -> unused.id.toString());
    }

    @Test
    void aTaskThatCannotBeHandedToTheStoreIsRefusedAndIsNotTakenToBeDurableLater() {
        store.failingCreations = 1;
        Sender first = new Sender().submit(1);
        Sender second = new Sender().submit(1);
        assertEquals(ErrorCode.BUSY, first.refusal);
        assertNull(first.task);
        assertNotNull(second.task);
        assertEquals(1, desk.gauges().openTasks());
        assertNull(broken);
    }

    @Test
    void progressThatCannotBeHandedToTheStoreFailsItsTaskAndNoOther() {
        Sender unlucky = new Sender().submit(2_000);
        Worker worker = new Worker("w", null);
        worker.answer();
        store.failingAdvances = 1;
        passSaving();
        TaskFailure failure = assertNotNullEnd(unlucky).failure();
        assertNotNull(failure);
        assertEquals(TaskFailure.Code.INTERNAL, failure.code());
        worker.leases.clear();
        Sender next = new Sender().submit(1);
        worker.answer();
        passSaving();
        assertEquals(TaskSnapshot.State.COMPLETED, assertNotNullEnd(next).state());
        assertNull(broken);
    }

    @Test
    void anEndThatCannotBeHandedToTheStoreIsTriedAgainAndThenEndsTheServer() {
        Worker worker = new Worker("w", null);
        store.failingEnds = 1;
        Sender lucky = new Sender().submit(1);
        worker.answer();
        passSaving();
        assertEquals(TaskSnapshot.State.COMPLETED, assertNotNullEnd(lucky).state());
        store.failingEnds = 2;
        Sender unlucky = new Sender().submit(1);
        worker.answer();
        passSaving();
        assertNull(unlucky.end);
        assertEquals(FatalEnd.Reason.EFFECT_BROKE, broken);
    }

    /** Else the server takes itself to be behind for ever, and reads nothing from whoever comes. */
    @Test
    void endsThatTheStoreForgetsWithTheirBeginningsAreNotAwaited() {
        store.isLate = true;
        Worker worker = new Worker("w", null);
        for (int number = 0; number <= ServerLimits.WRITES_UNDER_WAY; number++) {
            new Sender().submit(1);
            worker.answer();
        }
        assertTrue(persistence.isBehind());
        assertEquals(ServerLimits.WRITES_UNDER_WAY + 1, store.late.size());
        List.copyOf(store.late.values()).forEach(failed -> failed.accept("the disk is full"));
        assertFalse(persistence.isBehind());
        assertEquals(0, desk.gauges().openTasks());
        assertNull(broken);
    }

    @Test
    void anEffectOfATaskThatFailsFailsTheTask() {
        for (String kind : List.of("MakePayloads", "Fold", "FoldCombined", "FoldFailed", "CloseChunk", "Finish")) {
            Sender sender = new Sender().submit(1);
            TaskId task = sender.task;
            assertNotNull(task);
            Results results = new ArrivedResults(ResultValues.of(List.of(LongNode.valueOf(1))));
            Effect effect =
                    switch (kind) {
                        case "MakePayloads" -> new Effect.MakePayloads(task, 1, 0, 1);
                        case "Fold" -> new Effect.Fold(task, 0, 0, 1, results, 0);
                        case "FoldCombined" -> new Effect.FoldCombined(task, 0, 0, 1, results);
                        case "FoldFailed" -> new Effect.FoldFailed(task, 0, 0, 1);
                        case "CloseChunk" -> new Effect.CloseChunk(task, 0);
                        default -> new Effect.Finish(task);
                    };
            effect.dispatch(new Amends(driver, desk, doors, persistence, NO_MEMORY));
            TaskFailure failure = assertNotNullEnd(sender).failure();
            assertNotNull(failure);
            assertEquals(
                    "the server could not go on with the task: java.lang.OutOfMemoryError: as if there were none",
                    failure.message());
        }
        assertEquals(0, desk.gauges().openTasks());
    }

    @Test
    void aWatcherThatCannotBeToldOfAnEndIsLetGoAndTheOthersHearOfIt() {
        Sender sender = new Sender().submit(1);
        assertNotNull(sender.task);
        Sender deaf = new Sender() {
            @Override
            public void onEnd(StoredTask stored) {
                throw NO_MEMORY;
            }
        };
        Sender other = new Sender();
        desk.watch(sender.task, deaf, exists -> {}, why -> {});
        desk.watch(sender.task, other, exists -> {}, why -> {});
        new Worker("w", null).answer();
        passSaving();
        assertEquals(NO_MEMORY, deaf.letGoBecause);
        assertNotNull(sender.end);
        assertNotNull(other.end);
    }

    @Test
    void aSenderThatCannotBeAnsweredIsLetGoAndIfThatFailsTheServerEnds() {
        Sender deaf = new Sender() {
            @Override
            public void accepted(TaskId id, long subtasks, boolean isNew) {
                throw NO_MEMORY;
            }
        };
        deaf.submit(1);
        assertEquals(NO_MEMORY, deaf.letGoBecause);
        assertNull(broken);
        new Sender() {
            @Override
            public void accepted(TaskId id, long subtasks, boolean isNew) {
                throw NO_MEMORY;
            }

            @Override
            public void letGo(Throwable cause) {
                throw NO_MEMORY;
            }
        }.submit(1);
        assertEquals(FatalEnd.Reason.EFFECT_BROKE, broken);
    }

    @Test
    void anErrorInTheCoreEndsTheServerAsNobodyKnowsWhatItKnows() {
        new Sender().submit(1);
        Worker worker = new Worker("w", null);
        Results endless = new Results() {
            @Override
            public long sizeBytes() {
                throw NO_MEMORY;
            }

            @Override
            public int firstNonNull(int from, int to) {
                throw NO_MEMORY;
            }
        };
        assertThrows(OutOfMemoryError.class, () -> worker.answer(endless));
        assertEquals(FatalEnd.Reason.CORE_BROKE, broken);
        driver.handle(new Event.Heartbeat(worker.id, Map.of()));
        assertEquals(Long.MAX_VALUE, driver.nextDeadlineMs(), "it is not asked any more");
    }

    /** Nobody's connection ends for it, and the timer does not come again: the task would wait for ever. */
    @Test
    void anExceptionInATimerOfTheCoreEndsTheServer() {
        boolean[] fails = {false};
        Set<String> takes = new AbstractSet<>() {
            @Override
            public Iterator<String> iterator() {
                if (fails[0]) {
                    throw new IllegalStateException("as if it were a mistake");
                }
                return List.of("sum_of_squares").iterator();
            }

            @Override
            public int size() {
                return 1;
            }
        };
        new Sender().submit(1);
        Worker worker = new Worker("w", null, takes);
        Effect.Assign lease = worker.leases.remove(0);
        driver.handle(new Event.SubtaskFailed(worker.id, lease.lease(), 0, "again", true));
        nowMs += 10;
        fails[0] = true;
        assertThrows(IllegalStateException.class, () -> driver.tick(nowMs));
        assertEquals(FatalEnd.Reason.CORE_BROKE, broken);
        assertEquals(Long.MAX_VALUE, driver.nextDeadlineMs(), "it is not asked any more");
    }

    @Test
    void anEventOfTheServerItselfThatTheCoreDoesNotTakeEndsTheServer() {
        assertThrows(IllegalArgumentException.class, () -> driver.handleOwn(new Event.StoreCommitted(1)));
        assertEquals(FatalEnd.Reason.CORE_BROKE, broken);
    }

    @Test
    void aSenderForWhomSomethingFailedIsDisconnectedAndNobodyElse() {
        boolean[] fails = {true};
        ForwardingStore failing = new ForwardingStore(new MemoryStore(Retention.DEFAULT)) {
            @Override
            public void findFinishedByKey(
                    SubmitKey key, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
                if (fails[0]) {
                    throw NO_MEMORY;
                }
                super.findFinishedByKey(key, found, failed);
            }
        };
        try (TcpServer server = TcpServer.start(failing, ServerLimits.DEFAULT);
                WirePeer unlucky = WirePeer.sender(server);
                WirePeer other = WirePeer.sender(server)) {
            unlucky.send("{'type':'submit','task':{'type':'x','payloads':[1],'key':'k'}}");
            unlucky.receiveEnd();
            fails[0] = false;
            other.send("{'type':'submit','task':{'type':'x','payloads':[1],'key':'other'}}");
            other.receive("accepted");
            assertFalse(fails[0]);
            assertTrue(server.load().desk().openTasks() > 0);
        }
    }
}
