package io.divvy.scheduler;

import io.divvy.scheduler.Event.LeaseReleased;
import io.divvy.scheduler.Event.PayloadsReady;
import io.divvy.state.FailedAttempt;
import io.divvy.state.Range;
import io.divvy.state.TaskId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every lease from its grant to its end: it is granted and sent, answered ({@link LeaseAnswers}), given back, its time runs
 * out, or its worker goes away.
 */
final class LeaseBook {
    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final Dispatcher dispatcher;
    private final TaskLifecycle tasks;
    private final Accounting accounting;
    private final HoldWatch holds;
    private long lastLease;

    LeaseBook(CoreContext core, Dispatcher dispatcher, TaskLifecycle tasks, Accounting accounting, HoldWatch holds) {
        this.limits = core.limits();
        this.timers = core.timers();
        this.outbox = core.outbox();
        this.dispatcher = dispatcher;
        this.tasks = tasks;
        this.accounting = accounting;
        this.holds = holds;
    }

    /** Gives the worker what was chosen for it, now or when its payloads are made. */
    void grant(Grant grant) {
        WorkerView worker = grant.worker();
        TaskState task = grant.task();
        if (!worker.plain && worker.known.meet(task)) {
            task.knownBy.add(worker);
            outbox.emit(new Effect.DescribeTask(worker.id, task.spec.id(), task.indexes.total()));
        }
        Lease lease = new Lease(++lastLease, grant, outbox.nowMs());
        task.addLease(lease);
        worker.addLease(lease);
        if (worker.derivesPayloadsOf(task)) {
            assign(lease, null);
        } else {
            task.prepare(lease);
            outbox.emit(new Effect.MakePayloads(task.spec.id(), lease.number, lease.from, lease.to));
        }
        dispatcher.granted(lease, grant.kind());
    }

    /** Sends a lease to its worker. Its time starts now: making payloads is not the worker's fault. */
    private void assign(Lease lease, @Nullable Payloads payloads) {
        WorkerView worker = lease.worker;
        worker.leases.send(lease);
        lease.assignedPeerMs = outbox.peerMs();
        holds.start(worker);
        if (worker.creditUsed() == lease.unanswered.size()) {
            worker.headway.move(outbox.peerMs());
        }
        long leaseMs = leaseMs(worker, lease.task);
        if (leaseMs > 0) {
            watch(lease, outbox.nowMs() + leaseMs);
        }
        outbox.emit(Effect.Assign.of(lease, payloads));
    }

    private void watch(Lease lease, long dueMs) {
        lease.expiry = timers.scheduleForPeer(dueMs, () -> expire(lease));
    }

    /**
     * How long a lease may stand still, or 0 for as long as its worker lives. A plain worker shows no sign of life, so it
     * has a fixed time; others enforce the subtask's timeout themselves, and twice that means that they hang.
     */
    private long leaseMs(WorkerView worker, TaskState task) {
        long hangMs = 2 * task.spec.subtaskTimeoutMs();
        if (!worker.plain) {
            return hangMs;
        }
        return hangMs == 0 ? limits.plainLeaseMs() : Math.min(limits.plainLeaseMs(), hangMs);
    }

    /** The payloads are there that a lease of the task waited for, which may have ended. */
    void prepared(PayloadsReady ready) {
        TaskState task = tasks.find(ready.task());
        if (task == null || !task.isPreparing(ready.lease())) {
            return;
        }
        task.endPreparing();
        Lease lease = task.leases.get(ready.lease());
        if (lease != null) {
            send(lease, ready);
        }
        tasks.moved(task);
    }

    /** The payloads of a lease are there, perhaps not all of them: its worker gets it. */
    private void send(Lease lease, PayloadsReady ready) {
        if (lease.isCancelled) {
            lease.abandon(timers);
            giveBackUnanswered(lease);
            dispatcher.offer(lease.worker);
            return;
        }
        if (ready.to() < lease.to) {
            shorten(lease, ready.to());
        }
        assign(lease, ready.payloads());
        dispatcher.offer(lease.worker);
    }

    /** The worker gives back what it has not started, or has stopped, because it was asked to. */
    void release(WorkerView worker, LeaseReleased released) {
        long number = released.lease();
        Lease lease = worker.leases.get(number);
        boolean isExpected = lease == null ? !neverGranted(number) : lease.isCancelled;
        if (!isExpected && !worker.revokes.isAsked(number)) {
            outbox.refuse(
                    worker,
                    Refusal.Kind.BAD_MESSAGE,
                    "lease " + number + " was not revoked or cancelled, or was released already; expected one released"
                            + " for a revoke, and for a lease that was cancelled");
            return;
        }
        if (lease != null && released.from() < lease.from) {
            outbox.refuse(
                    worker,
                    Refusal.Kind.BAD_MESSAGE,
                    "lease " + number + " holds the indexes " + new Range(lease.from, lease.to) + ", got released from "
                            + released.from());
            return;
        }
        worker.revokes.released(number);
        if (lease == null) {
            return; // All of it was answered, or it ended, before the worker read what it was asked.
        }
        if (lease.isCancelled && released.from() <= lease.unanswered.firstIndex()) {
            stopped(lease);
        } else {
            shorten(lease, Math.min(lease.to, released.from()));
            closeIfAnswered(lease);
            tasks.moved(lease.task);
        }
        dispatcher.offer(worker);
    }

    /** Its worker does nothing of the lease any more, as it was asked; what else it holds begins now. */
    private void stopped(Lease lease) {
        WorkerView worker = lease.worker;
        worker.copies.stopped();
        worker.headway.move(outbox.peerMs());
        endUnanswered(lease); // If something of it is answered all the same, that may still count.
        repay(worker, lease.number);
    }

    void advance(WorkerView worker, long leaseNumber, long nextIndex) {
        Lease lease = worker.leases.get(leaseNumber);
        if (lease != null && lease.advanceTo(nextIndex)) {
            goesOn(worker);
            dispatcher.offer(worker);
        }
    }

    /**
     * The worker's own split of a task gave another count. What it derives would be wrong: it gives back what it has of
     * the task, and gets it again with payloads. Its answers to the old leases do not count.
     */
    void decline(WorkerView worker, TaskId id) {
        TaskState task = tasks.find(id);
        if (task == null || !worker.known.decline(task)) {
            return;
        }
        for (Lease lease : List.copyOf(worker.leases.values())) {
            if (lease.task == task) {
                lease.abandon(timers);
                giveBackUnanswered(lease);
            }
        }
        worker.headway.repayFor(task);
        dispatcher.offer(worker);
    }

    /**
     * The lease stood still for too long: it is closed, and what it held goes elsewhere. A worker that hangs costs one
     * subtask one attempt, and then it gets nothing until it goes on: it must not use up the attempts of innocent ones. If it
     * hangs in an older lease, which may have all the time, it gets nothing either: that would only expire again.
     */
    private void expire(Lease lease) {
        WorkerView worker = lease.worker;
        TaskState task = lease.task;
        long leaseMs = leaseMs(worker, task);
        long leftMs = worker.headway.movedPeerMs() + leaseMs - outbox.peerMs();
        if (!worker.plain && leftMs > 0) {
            watch(lease, outbox.nowMs() + leftMs);
            return;
        }
        Lease running = worker.plain ? null : worker.oldestAssigned();
        boolean owed = worker.headway.owes();
        boolean wasRunning = running == lease && (!owed || worker.headway.owes(lease.number));
        long culprit = lease.unanswered.firstIndex();
        endUnanswered(lease);
        if (running != null && !owed) {
            worker.headway.owe(running);
        }
        if (wasRunning && task.isActive() && task.indexes.isGivenBack(lease.chunk, culprit)) {
            String message = "no answer and no progress for " + leaseMs + " ms, twice the subtask timeout";
            accounting.countAttempt(lease, culprit, new FailedAttempt.Said(worker.name, message, null), true);
        }
        dispatcher.offer(worker);
    }

    /** The worker is gone: what its leases hold is pending again. */
    void leave(WorkerView worker) {
        for (Lease lease : List.copyOf(worker.leases.values())) {
            endUnanswered(lease);
        }
        holds.stop(worker);
    }

    /** Shortens a lease from behind: these indexes were never sent, or were given back. */
    private void shorten(Lease lease, long to) {
        long oldTo = lease.to;
        if (to == oldTo) {
            return;
        }
        lease.to = to;
        lease.freeCredit(lease.unanswered.remove(to, oldTo));
        lease.task.indexes.giveBack(lease.chunk, to, oldTo, outbox.nowMs());
    }

    /** The worker answered something that was not answered, or started something new: it does not hang. */
    void goesOn(WorkerView worker) {
        worker.headway.move(outbox.peerMs());
        worker.headway.repay();
    }

    void closeIfAnswered(Lease lease) {
        if (lease.unanswered.isEmpty()) {
            lease.close(timers);
            repay(lease.worker, lease.number);
        }
    }

    /** Ends a lease with something unanswered: that is pending again. */
    void endUnanswered(Lease lease) {
        lease.endUnanswered(timers, limits.expiredLeases());
        giveBackUnanswered(lease);
        keepCopies(lease);
    }

    /** Copies of what an ended lease held are copies of nothing any more, and not to be stopped for other work. */
    private void keepCopies(Lease ended) {
        for (Lease copy : List.copyOf(ended.chunk.leases)) {
            if (copy.isSpeculative && !copy.isCancelled && copy.holdsAnyOf(ended.unanswered)) {
                copy.worker.keepCopy(copy);
                dispatcher.offer(copy.worker);
            }
        }
    }

    private void giveBackUnanswered(Lease lease) {
        for (Range range : lease.unanswered.toList()) {
            lease.task.indexes.giveBack(lease.chunk, range.from(), range.to(), outbox.nowMs());
        }
        tasks.moved(lease.task);
    }

    /** A worker gave the answer that it owed, so it may get something new. */
    void repay(WorkerView worker, long leaseNumber) {
        if (worker.headway.owes(leaseNumber)) {
            goesOn(worker);
            dispatcher.offer(worker);
        }
    }

    /** Whether no lease ever had the number. */
    boolean neverGranted(long number) {
        return number < 1 || number > lastLease;
    }
}
