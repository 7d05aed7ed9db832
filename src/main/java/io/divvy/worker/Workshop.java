package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Failure;
import io.divvy.guard.Guard;
import io.divvy.protocol.Frames;
import io.divvy.protocol.FromWorker;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.ToWorker;
import io.divvy.task.TaskType;
import io.divvy.worker.LeaseQueue.Batch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work of a worker, whatever becomes of its connections: what is assigned, what runs, and what was made and is not durable
 * yet. When a connection is lost, what is not begun is dropped, as it is leased anew; what runs is finished and offered on the
 * next connection. What a new lease asks for and is here already is not done twice.
 */
final class Workshop {
    private static final Logger LOG = LoggerFactory.getLogger(Workshop.class);
    /** How exactly subtask timeouts are kept. */
    private static final long TIMEOUT_CHECK_MS = 50;

    /** Tells servers that what ran on the last connection still runs. */
    private final String instance = UUID.randomUUID().toString();

    private final LeaseQueue queue;
    private final List<Slot> slots;
    private final UnackedResults unacked = new UnackedResults();
    private final TaskPreparation preparation = new TaskPreparation(this::doubtAfter);
    private final ScheduledExecutorService timer;
    /** The connection that is welcome; null while there is none. Guarded by this. */
    private @Nullable WorkSession present;

    private final Consumer<String> onDoubt;
    private volatile boolean isInDoubt;

    /** @param onDoubt hears why this process had better be started anew; more than once, and on any thread */
    Workshop(int slotCount, Consumer<String> onDoubt) {
        this.onDoubt = onDoubt;
        queue = new LeaseQueue(slotCount);
        slots = new ArrayList<>(slotCount);
        for (int i = 0; i < slotCount; i++) {
            slots.add(new Slot(this, queue, "divvy-slot-" + i));
        }
        timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "divvy-subtask-timeouts");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** What it is known by to servers, on all of its connections; no other has the same. */
    String instance() {
        return instance;
    }

    void open() {
        slots.forEach(Slot::start);
        timer.scheduleWithFixedDelay(this::checkTimeouts, TIMEOUT_CHECK_MS, TIMEOUT_CHECK_MS, TimeUnit.MILLISECONDS);
    }

    /** Nobody is going to hear of anything any more: what runs is interrupted. */
    void close() {
        timer.shutdownNow();
        queue.close();
        slots.forEach(Slot::abandon);
    }

    private void checkTimeouts() {
        Failure failure = Guard.run(() -> {
            long nowNanos = System.nanoTime();
            slots.forEach(slot -> slot.checkTimeout(nowNanos));
        });
        if (failure != null) {
            doubt("timeouts could not be checked: " + failure);
        }
    }

    /** This process had better be started anew. Nothing more is begun; what runs is finished. */
    void doubt(String why) {
        isInDoubt = true;
        queue.close();
        onDoubt.accept(why);
    }

    boolean isInDoubt() {
        return isInDoubt;
    }

    /** The same if the failure gives a reason: what lacked memory here may have lacked it elsewhere, unseen. */
    void doubtAfter(Failure failure) {
        if (failure.putsProcessInDoubt()) {
            doubt("the code of a task type failed with " + failure);
        }
    }

    /** Makes ready what is needed of the task's type. */
    WorkerTask prepare(ToWorker.TaskDescription description, TaskType type) {
        return preparation.prepare(description, type);
    }

    // What becomes of connections.

    /** There is a connection. Returns what is to be offered on it. */
    synchronized List<FromWorker.Offer> welcomed(WorkSession session) {
        present = session;
        return unacked.offers();
    }

    /** The connection is over; the session says so already. */
    void ended(WorkSession session) {
        synchronized (this) {
            present = null;
        }
        queue.clear();
        slots.forEach(Slot::abandonFold);
    }

    /** Drops what is not started, and waits until all that is started is answered, or the connection over. */
    void awaitStarted(WorkSession leaving) throws InterruptedException {
        queue.drop();
        queue.awaitIdle(leaving);
    }

    /** Ends the connection because it makes no sense to go on with it. */
    void breakOff(String reason) {
        WorkSession session;
        synchronized (this) {
            session = present;
        }
        if (session != null) {
            session.breakOff(reason);
        }
    }

    // What the server says.

    /** What is here under the id of a task that is another one now is worth nothing. */
    void described(WorkerTask task) {
        for (Slot slot : slots) {
            WorkerTask former = slot.has(task.id());
            if (former != null && !former.isSameAs(task)) {
                LOG.warn("task {} is not the one any more that it was; what is left of that is dropped", task.id());
                forget(task.id());
                return;
            }
        }
    }

    void assign(Assignment lease) {
        List<IndexRange> here = new ArrayList<>();
        // First what runs: what ends in between is among the results by then.
        for (Slot slot : slots) {
            IndexRange held = slot.adopt(lease);
            if (held != null) {
                here.add(held);
            }
        }
        here.addAll(unacked.offered(lease.task().id(), lease.from(), lease.to()));
        if (!here.isEmpty()) {
            LOG.info(
                    "task {}: {} of lease {} are done or run already",
                    lease.task().id(),
                    here,
                    lease.number());
        }
        queue.add(lease, here);
    }

    void acked(ToWorker.Ack ack) {
        unacked.acked(ack.lease(), ack.taskId(), ack.from(), ack.to());
    }

    /** Returns the index from which on everything of the lease is given back. */
    long revoke(long lease, long from) {
        return queue.revoke(lease, from);
    }

    /** Stops what is here of a lease. It is released when nothing of it runs any more: code that takes no hint goes on. */
    void cancelLease(WorkSession session, long lease) {
        Long releasedFrom = queue.cancel(lease);
        if (releasedFrom != null) {
            session.send(new FromWorker.Released(lease, releasedFrom));
        } else {
            slots.forEach(Slot::stopCancelled);
        }
    }

    /** Stops what is here of the task. Its results are kept: that it ended may not be durable. */
    void stop(String taskId) {
        queue.drop(taskId);
        slots.forEach(slot -> slot.cancel(taskId));
    }

    /** Stops what is here of the task, and drops its results. */
    void forget(String taskId) {
        stop(taskId);
        unacked.forget(taskId);
    }

    // What the slots say.

    /**
     * Answers a part of a lease, and keeps the results until they are durable. If the lease's connection is lost they are
     * offered: now, or on the next one.
     *
     * @throws UnfitResultException if no message holds them; then none of them is kept
     */
    void answer(Assignment lease, long from, ResultValues values) throws UnfitResultException {
        String taskId = lease.task().id();
        // What cannot be written must not be kept either: it could not be offered.
        ByteBuffer answer = Frames.encode(new FromWorker.Result(lease.number(), from, values));
        if (!ResultCheck.fits(answer)) {
            throw new UnfitResultException(values.size() + " results from index " + from + " on take "
                    + answer.remaining() + " bytes as a message; expected at most " + ProtocolLimits.MAX_FRAME_BYTES);
        }
        WorkSession session;
        synchronized (this) {
            session = present;
            if (lease.session() == session) {
                unacked.addAnswer(lease.number(), taskId, from, values);
            } else {
                unacked.addOffer(taskId, from, values);
            }
        }
        if (session == null) {
            LOG.info("task {}: {} results from {} on are kept for the next connection", taskId, values.size(), from);
        } else if (lease.session() == session) {
            send(session, answer);
        } else {
            session.send(new FromWorker.Offer(taskId, from, values));
        }
    }

    /** Together with the next ones, where a slot finds more to do at once. */
    private void send(WorkSession session, ByteBuffer answer) {
        if (queue.hasWork()) {
            session.sendInCompany(answer);
        } else {
            session.send(answer);
        }
    }

    /** Nothing of a lease that was cancelled runs any more. What of it was done all the same has been answered. */
    void stopped(Assignment lease) {
        lease.session().send(new FromWorker.Released(lease.number(), lease.from()));
    }

    /** Sends what a batch was folded to. Returns false, with nothing sent, if no message holds it. */
    boolean answerFolded(Batch batch, JsonNode combined) {
        FromWorker.Combined answer =
                new FromWorker.Combined(batch.lease().number(), batch.from(), batch.to(), combined);
        ByteBuffer frame = Frames.encode(answer);
        if (!ResultCheck.fits(frame)) {
            return false;
        }
        send(batch.lease().session(), frame);
        return true;
    }

    /** Per lease of which something waits, the index that will be started next. */
    Map<Long, Long> nextIndexes() {
        return queue.nextIndexes();
    }
}
