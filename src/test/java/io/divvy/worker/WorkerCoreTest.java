package io.divvy.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.divvy.protocol.FromWorker;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.ToWorker;
import io.divvy.worker.LeaseQueue.Batch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a worker decides, told step by step: no thread, no socket, no clock. A batch has one subtask where nothing is known. */
class WorkerCoreTest {
    private final SimpleSlots slots = new SimpleSlots();
    private final WorkerCore core = new WorkerCore(2, slots);

    /** Slots whose batches the test runs. */
    private static final class SimpleSlots implements WorkerCore.Slots {
        /** By slot, the index that is begun next. */
        final Map<Integer, Long> next = new HashMap<>();

        final List<Integer> halted = new ArrayList<>();
        final List<Integer> interrupted = new ArrayList<>();

        @Override
        public long halt(int slot) {
            halted.add(slot);
            return next.get(slot);
        }

        @Override
        public void interrupt(int slot) {
            interrupted.add(slot);
        }
    }

    // What is said to the core.

    private void connect() {
        core.connected();
        core.described(task("t"));
    }

    private static WorkerTask task(String id) {
        return WorkerTask.deriving(description(id), new Letters((payload, context) -> payload), failure -> {});
    }

    private static ToWorker.TaskDescription description(String id) {
        return new ToWorker.TaskDescription(
                id, "letters", JsonNodeFactory.instance.objectNode(), 1_000, 1_024, false, null);
    }

    private void assign(long lease, long from, long to) {
        core.assign(new ToWorker.Assign(lease, "t", from, to, null));
    }

    /** The slot takes a batch and begins its first subtask. */
    private Batch begin(int slot) {
        Batch batch = core.take(slot);
        assertNotNull(batch, "there is work");
        slots.next.put(slot, batch.from() + 1);
        return batch;
    }

    private void answer(int slot, Batch batch, long from, long to) {
        long[] results = LongStream.range(from, to).toArray();
        core.answered(slot, new FromWorker.Result(batch.lease().number(), from, new ResultValues.Longs(results)));
    }

    /** The slot runs all of its batch. */
    private void run(int slot, Batch batch) {
        answer(slot, batch, batch.from(), batch.to());
        core.finished(slot, batch.to());
    }

    // What the core says.

    private static String text(FromWorker message) {
        if (message instanceof FromWorker.Result result) {
            return "lease " + result.lease() + " has " + result.results().size() + " results from " + result.from();
        } else if (message instanceof FromWorker.Offer offer) {
            return "task " + offer.taskId() + " has " + offer.results().size() + " results from " + offer.from();
        } else if (message instanceof FromWorker.Released released) {
            return "lease " + released.lease() + " is released from " + released.from();
        } else if (message instanceof FromWorker.SubtaskError error) {
            return "lease " + error.lease() + " failed at " + error.index() + ": " + error.message();
        } else if (message instanceof FromWorker.Heartbeat heartbeat) {
            return "alive, next of leases " + heartbeat.leases();
        } else if (message instanceof FromWorker.Decline decline) {
            return "needs payloads of " + decline.taskId();
        }
        return message instanceof FromWorker.Drain ? "leaving" : message.toString();
    }

    private void assertSays(String... expected) {
        List<String> said = new ArrayList<>();
        for (WorkerEffect effect : core.effects()) {
            said.add(
                    effect instanceof WorkerEffect.Send send
                            ? text(send.message())
                            : "breaks off: " + ((WorkerEffect.BreakOff) effect).reason());
        }
        assertEquals(List.of(expected), said);
    }

    private static String text(Batch batch) {
        return "lease " + batch.lease().number() + " [" + batch.from() + ", " + batch.to() + ")";
    }

    // Order.

    @Test
    void aPartialRevokeLeavesTheRestOfTheLeaseBehindOlderOnes() {
        connect();
        assign(1, 0, 4);
        assign(2, 10, 20);
        core.revoke(2, 15);
        assertSays("lease 2 is released from 15");
        assertEquals("lease 1 [0, 1)", text(begin(0)), "the server counts on it: this is what runs");
        core.beat();
        assertSays("alive, next of leases {1=1, 2=10}");
    }

    @Test
    void aBatchThatASlotGivesBackGoesBeforeNewerLeasesAndBehindOlderOnes() {
        connect();
        assign(1, 0, 1);
        run(0, begin(0)); // Now it knows a pace: they are quick.
        core.described(measured(1_000));
        assign(2, 0, 4);
        assign(3, 4, 8);
        Batch older = begin(0);
        Batch newer = begin(1);
        assertEquals("lease 2 [0, 4) and lease 3 [4, 6)", text(older) + " and " + text(newer));
        core.finished(0, 1);
        core.finished(1, 5);
        assertEquals("lease 2 [1, 4)", text(begin(0)));
        assertEquals("lease 3 [5, 7)", text(begin(1)));
    }

    /** A task of which it is known how long its subtasks take. */
    private static WorkerTask measured(long subtaskNanos) {
        WorkerTask task = task("t");
        task.measured(subtaskNanos);
        return task;
    }

    @Test
    void aRevokeTakesOnlyTheEndOfALeaseOfWhichNothingIsBegun() {
        connect();
        core.described(measured(2_000_000));
        assign(1, 0, 8);
        Batch first = begin(0);
        Batch second = begin(1);
        assertEquals("lease 1 [0, 2) and lease 1 [2, 4)", text(first) + " and " + text(second));
        core.finished(0, 1); // [1, 2) waits again, before what is begun.
        core.revoke(1, 0);
        assertSays("lease 1 is released from 4");
        assertEquals("lease 1 [1, 2)", text(begin(0)));
    }

    @Test
    void aRevokeOfALeaseThatIsDoneReleasesNothing() {
        connect();
        assign(1, 0, 1);
        run(0, begin(0));
        core.effects();
        core.revoke(1, 0);
        assertSays("lease 1 is released from 1");
    }

    // A lost connection.

    @Test
    void aNewLeaseLeavesOutOfferedAndRunningSubtasks() {
        connect();
        assign(1, 0, 10);
        run(0, begin(0));
        begin(0);
        core.disconnected();
        core.effects();
        connect();
        assertSays("task t has 1 results from 0");
        assign(9, 0, 3);
        assertEquals("lease 9 [2, 3)", text(begin(1)), "0 is offered, 1 runs");
    }

    @Test
    void unstartedIndexesOfABatchBelongToTheNewLease() {
        connect();
        core.described(measured(1_000));
        assign(1, 0, 100);
        Batch running = begin(0);
        assertEquals("lease 1 [0, 50)", text(running));
        core.disconnected();
        connect();
        assign(9, 0, 100);
        // Of the first fifty one is begun, and will be offered.
        assertEquals("lease 9 [1, 2)", text(begin(1)));
        answer(0, running, 0, 1);
        core.finished(0, 1);
        assertSays("task t has 1 results from 0");
        assertEquals("lease 9 [2, 3)", text(begin(0)), "nothing of the lost lease waits");
    }

    @Test
    void anAdoptedSubtaskThatFailsIsSaidUnderTheNewLease() {
        connect();
        assign(1, 0, 10);
        begin(0);
        core.disconnected();
        connect();
        assign(9, 0, 3);
        core.failed(0, 0, SubtaskFailure.retryable("no luck"));
        core.finished(0, 1);
        assertSays("lease 9 failed at 0: no luck");
    }

    @Test
    void aLeaseThatIsCancelledIsReleasedOnceTheSubtaskThatItAdoptedHasStopped() {
        connect();
        assign(1, 0, 10);
        Batch batch = begin(0);
        core.disconnected();
        connect();
        assign(9, 0, 3);
        core.cancelLease(9);
        assertEquals(List.of(0), slots.interrupted);
        assertSays();
        answer(0, batch, 0, 1);
        core.finished(0, 1);
        assertSays("task t has 1 results from 0", "lease 9 is released from 0");
    }

    @Test
    void aNumberThatAnotherServerGivesAgainIsAnotherLease() {
        connect();
        assign(1, 0, 10);
        Batch batch = begin(0);
        core.disconnected();
        connect();
        assign(1, 500, 510);
        core.cancelLease(1);
        assertEquals(List.of(), slots.interrupted, "what runs is of the former lease 1");
        assertSays("lease 1 is released from 500");
        run(0, batch);
        assertSays("task t has 1 results from 0");
    }

    @Test
    void aLostConnectionInterruptsFoldsAndNotSingleSubtasks() {
        connect();
        assign(1, 0, 10);
        begin(0);
        Batch folded = begin(1);
        slots.next.put(1, folded.from()); // While it is folded, nothing counts as begun.
        core.disconnected();
        assertEquals(List.of(1), slots.interrupted);
    }

    // Leaving.

    @Test
    void aWorkerThatDrainsTakesNothingMoreAndIsIdleOnceWhatRunsIsAnswered() {
        connect();
        assign(1, 0, 10);
        Batch batch = begin(0);
        core.drain();
        assign(2, 20, 30);
        assertSays("leaving");
        assertEquals(List.of(0), slots.halted);
        assertEquals(null, core.take(1));
        run(0, batch);
        assertSays("lease 1 has 1 results from 0");
        assertTrue(core.isIdle());
        assertEquals(null, core.take(0));
    }

    @Test
    void aDrainedWorkerTakesLeasesOnItsNextConnection() {
        connect();
        core.drain();
        core.disconnected();
        connect();
        assign(1, 0, 1);
        assertEquals("lease 1 [0, 1)", text(begin(0)));
    }

    // Signs of life.

    @Test
    void aHeartbeatIsSentWhereNothingElseWasSentOrSomethingWaits() {
        connect();
        core.effects();
        core.beat();
        assertSays("alive, next of leases {}");
        assign(1, 0, 1);
        Batch batch = begin(0);
        answer(0, batch, 0, 1);
        core.effects();
        core.beat();
        assertSays();
        core.beat();
        assertSays("alive, next of leases {}");
    }

    // Payloads.

    @Test
    void payloadsAreAskedForOnceAndOnlyWhereALeaseComesWithout() {
        core.connected();
        core.described(WorkerTask.withoutDeriving(description("t"), new Letters((payload, context) -> payload)));
        core.assign(new ToWorker.Assign(
                1,
                "t",
                0,
                1,
                ToWorker.PayloadArray.of(JsonNodeFactory.instance.arrayNode().add("its payload"))));
        assertEquals("lease 1 [0, 1)", text(begin(0)));
        assertSays();
        assign(2, 1, 2);
        assign(3, 2, 3);
        assertSays("needs payloads of t");
        assertEquals(null, core.take(1));
    }

    // What makes no sense.

    @Test
    void aLeaseOfATaskThatWasNotDescribedEndsTheConnection() {
        core.connected();
        assign(1, 0, 1);
        assertSays(
                "breaks off: the server assigned subtasks of task t, which it did not describe to this worker or which"
                        + " is of a type that this worker did not offer");
    }
}
