package io.divvy.scheduler;

import org.jspecify.annotations.Nullable;

/** Whether one worker gets on with what it holds: when it last did, and what it owes before it gets anything new. */
final class Headway {
    /** When any of its leases last moved on, by the time that peers had. */
    private long movedPeerMs;
    /** The lease that it stands still on, or for a plain worker any that ended without its answer; 0 for none. */
    private long owedLease;
    /** The task of that lease; null for a plain worker, which is not told to drop anything and may owe an answer for ever. */
    private @Nullable TaskState owedTask;

    Headway(long peerMs) {
        this.movedPeerMs = peerMs;
    }

    long movedPeerMs() {
        return movedPeerMs;
    }

    /** It begins something, or something of it moved on. */
    void move(long peerMs) {
        movedPeerMs = peerMs;
    }

    /** It gets nothing new until it shows that it goes on. */
    void owe(Lease lease) {
        owedLease = lease.number;
        owedTask = lease.worker.plain ? null : lease.task;
    }

    boolean owes() {
        return owedLease != 0;
    }

    boolean owes(long lease) {
        return owedLease == lease && owes();
    }

    boolean owesFor(TaskState task) {
        return owedTask == task;
    }

    void repay() {
        owedLease = 0;
        owedTask = null;
    }

    /** It was told to drop what it has of the task, so it will not answer. Dialect 1 has no such message. */
    void repayFor(TaskState task) {
        if (owedTask == task) {
            repay();
        }
    }
}
