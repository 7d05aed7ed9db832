package io.divvy.worker;

import io.divvy.protocol.ErrorText;
import io.divvy.protocol.FromWorker;
import io.divvy.protocol.ToWorker;
import io.divvy.worker.LeaseQueue.Batch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker decides: which batch a slot runs, what is answered, given back, kept and offered, whatever becomes of the
 * connections. It has no thread, no socket and no clock; it is told what happened, one thing at a time, and says with
 * {@link #effects} what is to be done.
 *
 * <p>When a connection is lost, what is not begun is dropped, as it is leased anew; what runs is finished and offered on the
 * next connection. What a new lease asks for and is here already is not done twice.
 */
final class WorkerCore {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerCore.class);
    private static final long NONE = 0;

    /** Those who run the batches, by number, as far as the core has them in hand. Each has one batch at most. */
    interface Slots {
        /**
         * Nothing more of its batch is begun; what runs is finished.
         *
         * @return the index that would have been begun next
         */
        long halt(int slot);

        /** The same, and what runs is interrupted: nobody wants it. */
        void interrupt(int slot);
    }

    private final Slots slots;
    /** By slot; null where it is free. */
    private final @Nullable Taken[] taken;

    private final LeaseQueue queue;
    private final UnackedResults unacked = new UnackedResults();
    /** Those that were described on the present connection, by id. */
    private final Map<String, WorkerTask> tasks = new HashMap<>();
    /** Those of them whose payloads were asked for. */
    private final Set<String> declined = new HashSet<>();

    private List<WorkerEffect> effects = new ArrayList<>();
    private long connections;
    private long leases;
    /** The number of the present connection, or {@link #NONE}. */
    private long present = NONE;
    /** Whether nothing more that comes over the present connection is begun. */
    private boolean isLeaving;
    /** Whether nothing more is begun at all. */
    private boolean isClosed;

    private boolean spoke;

    WorkerCore(int slotCount, Slots slots) {
        this.slots = slots;
        this.taken = new @Nullable Taken[slotCount];
        this.queue = new LeaseQueue(slotCount);
    }

    /** What is to be done since this was asked last, in that order. */
    List<WorkerEffect> effects() {
        if (effects.isEmpty()) {
            return List.of();
        }
        List<WorkerEffect> due = effects;
        effects = new ArrayList<>();
        return due;
    }

    private void send(FromWorker message) {
        send(message, false);
    }

    private void send(FromWorker message, boolean inCompany) {
        effects.add(new WorkerEffect.Send(message, inCompany));
        spoke = true;
    }

    // What becomes of connections.

    /** There is a connection. What may not be durable is offered on it. */
    void connected() {
        present = ++connections;
        isLeaving = false;
        spoke = false;
        unacked.offers().forEach(this::send);
    }

    /** The connection is over. */
    void disconnected() {
        present = NONE;
        tasks.clear();
        declined.clear();
        queue.clear();
        for (int slot = 0; slot < taken.length; slot++) {
            Taken held = taken[slot];
            if (held == null) {
                continue;
            }
            held.adopters.clear();
            held.begunTo = slots.halt(slot);
            if (held.begunTo == held.batch.from()) {
                // It is folded, and what it is folded to cannot be offered. Or its first subtask is not begun.
                slots.interrupt(slot);
            }
        }
    }

    /** This worker takes nothing more from this server, and finishes what it has begun: all that {@link #isIdle} waits for. */
    void drain() {
        if (present == NONE || isLeaving) {
            return;
        }
        isLeaving = true;
        send(new FromWorker.Drain());
        queue.drop();
        haltAll();
    }

    /** Nothing more is begun, over any connection. What runs is finished. */
    void close() {
        isClosed = true;
        queue.drop();
        haltAll();
    }

    private void haltAll() {
        for (int slot = 0; slot < taken.length; slot++) {
            if (taken[slot] != null) {
                slots.halt(slot);
            }
        }
    }

    /** Whether no slot has anything. */
    boolean isIdle() {
        for (Taken held : taken) {
            if (held != null) {
                return false;
            }
        }
        return true;
    }

    /** About how much memory results take that may not be durable. */
    long unackedBytes() {
        return unacked.bytes();
    }

    /** It is time for a sign of life, unless there was one since the last time. */
    void beat() {
        if (present == NONE) {
            return;
        }
        Map<Long, Long> nextIndexes = queue.nextIndexes();
        boolean isDue = !spoke || !nextIndexes.isEmpty();
        if (isDue) {
            send(new FromWorker.Heartbeat(nextIndexes));
        }
        spoke = false;
    }

    // What the server says.

    void described(WorkerTask task) {
        for (Taken held : taken) {
            // A server that keeps its tasks in memory may get another task under an old id.
            if (held != null && held.isOf(task.id()) && !held.batch.task().isSameAs(task)) {
                LOG.warn("task {}: another task has this id now; results of the former one are dropped", task.id());
                forget(task.id());
                break;
            }
        }
        tasks.put(task.id(), task);
        declined.remove(task.id());
    }

    void assign(ToWorker.Assign assign) {
        WorkerTask task = tasks.get(assign.taskId());
        if (task == null) {
            // It would wait for an answer for ever.
            effects.add(new WorkerEffect.BreakOff("the server assigned subtasks of task " + assign.taskId()
                    + ", which it did not describe to this worker or which is of a type that this worker did not"
                    + " offer"));
            return;
        }
        if (isLeaving || isClosed) {
            return; // It crossed what was said; the server takes the lease back.
        }
        if (assign.payloads() == null && !task.isDerivable()) {
            if (declined.add(task.id())) {
                send(new FromWorker.Decline(task.id()));
            }
            return; // The server takes the lease back, and sends it again with payloads.
        }
        Assignment lease = new Assignment(
                new Assignment.Origin(present, assign.lease(), leases++),
                task,
                assign.from(),
                assign.to(),
                assign.payloads() == null ? null : assign.payloads().toList());
        queue.add(lease, alreadyHere(lease));
    }

    /** What of a lease is done or runs: it is going to be answered, and is not to be done twice. */
    private List<IndexRange> alreadyHere(Assignment lease) {
        List<IndexRange> here = new ArrayList<>(unacked.offered(lease.task().id(), lease.from(), lease.to()));
        for (Taken held : taken) {
            IndexRange runs = held == null ? null : held.adopt(lease);
            if (runs != null) {
                here.add(runs);
            }
        }
        if (!here.isEmpty()) {
            LOG.info(
                    "task {}: {} of lease {} are done or run already",
                    lease.task().id(),
                    here,
                    lease.number());
        }
        return here;
    }

    void acked(ToWorker.Ack ack) {
        unacked.acked(ack.lease(), ack.taskId(), ack.from(), ack.to());
    }

    /** What is not started of a lease, from an index on, is given back. */
    void revoke(long lease, long from) {
        send(new FromWorker.Released(lease, queue.revoke(lease, from)));
    }

    /** Stops what is here of a lease. It is released when nothing of it runs any more: code that takes no hint goes on. */
    void cancelLease(long number) {
        Assignment lease = queue.find(number);
        if (lease == null) {
            return;
        }
        boolean waited = queue.drop(lease);
        boolean runs = false;
        for (int slot = 0; slot < taken.length; slot++) {
            Taken held = taken[slot];
            if (held != null && held.isFor(lease)) {
                held.cancelled.add(lease);
                slots.interrupt(slot);
                runs = true;
            }
        }
        if (!runs) {
            send(new FromWorker.Released(number, waited ? lease.from() : lease.to()));
        }
    }

    /** Stops what is here of the task. Its results are kept: that it ended may not be durable. */
    void cancelTask(String taskId) {
        queue.drop(taskId);
        for (int slot = 0; slot < taken.length; slot++) {
            Taken held = taken[slot];
            if (held != null && held.isOf(taskId)) {
                held.isDropped = true;
                slots.interrupt(slot);
            }
        }
    }

    /** Stops what is here of the task, and drops its results. */
    void forget(String taskId) {
        tasks.remove(taskId);
        declined.remove(taskId);
        cancelTask(taskId);
        unacked.forget(taskId);
    }

    // What the slots do.

    /** Whether a slot would find something to do at once. */
    boolean hasWork() {
        return !queue.isEmpty();
    }

    /** What the slot, which is free, is to run; null if there is nothing. It says at its end that it has {@link #finished} it. */
    @Nullable
    Batch take(int slot) {
        if (taken[slot] != null) {
            throw new IllegalStateException("slot " + slot + " has not finished " + taken[slot].batch);
        }
        Batch batch = queue.take();
        taken[slot] = batch == null ? null : new Taken(batch);
        return batch;
    }

    /** The slot has results that follow those before. They are kept until they are durable. */
    void answered(int slot, FromWorker.Result answer) {
        Taken held = taken(slot);
        WorkerTask task = held.batch.task();
        long from = answer.from();
        held.answeredTo = from + answer.results().size();
        if (held.isDropped) {
            return;
        }
        if (held.batch.lease().isOf(present)) {
            unacked.addAnswer(answer.lease(), task.id(), from, answer.results());
            send(answer, hasWork());
        } else {
            unacked.addOffer(task.id(), from, answer.results());
            if (present == NONE) {
                LOG.info(
                        "task {}: {} results from {} on are kept for the next connection",
                        task.id(),
                        answer.results().size(),
                        from);
            } else {
                send(new FromWorker.Offer(task.id(), from, answer.results()));
            }
        }
    }

    /** The slot has done all of its batch at once. */
    void folded(int slot, FromWorker.Combined answer) {
        Taken held = taken(slot);
        held.answeredTo = answer.to();
        if (!held.isDropped && held.batch.lease().isOf(present)) {
            send(answer, hasWork());
        }
    }

    /**
     * A subtask failed, and all below it is answered. That is said under its own lease, or that of a later connection that
     * asks for it too; if nobody does, it is asked for again some time.
     */
    void failed(int slot, long index, SubtaskFailure failure) {
        Taken held = taken(slot);
        held.answeredTo = index + 1;
        if (held.isDropped) {
            return;
        }
        Assignment asking = held.asking(index, present);
        if (asking == null) {
            LOG.info(
                    "task {}: subtask {} failed and is asked for by nobody: {}",
                    held.batch.task().id(),
                    index,
                    failure.message());
            return;
        }
        send(new FromWorker.SubtaskError(
                asking.number(), index, ErrorText.bounded(failure.message()), failure.isRetryable(), failure.detail()));
    }

    /** The slot is free again. What it has not begun, from {@code next} on, is done by whoever is free. */
    void finished(int slot, long next) {
        Taken held = taken(slot);
        taken[slot] = null;
        Batch batch = held.batch;
        if (batch.lease().isOf(present) && held.isWanted() && !isLeaving && !isClosed) {
            queue.giveBack(batch.part(next, batch.to()));
        }
        for (Assignment lease : held.cancelled) {
            if (lease.isOf(present) && !isRunning(lease)) {
                // What of it was done all the same has been answered.
                send(new FromWorker.Released(lease.number(), lease.from()));
            }
        }
    }

    private boolean isRunning(Assignment cancelled) {
        for (Taken held : taken) {
            if (held != null && held.cancelled.contains(cancelled)) {
                return true;
            }
        }
        return false;
    }

    private Taken taken(int slot) {
        Taken held = taken[slot];
        if (held == null) {
            throw new IllegalStateException("slot " + slot + " has nothing");
        }
        return held;
    }
}
