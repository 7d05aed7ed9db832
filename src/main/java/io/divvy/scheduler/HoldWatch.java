package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that what a worker holds is begun in time. What a worker was given and has not started after
 * {@link Limits#holdMs} is taken back, whether anybody has nothing to do or not, and may not wait at that worker again. A
 * worker that does not answer a revoke for as long keeps what it has; others get it as well, the first result counts, and from
 * then on it gets nothing that would wait.
 *
 * <p>There is one timer for each worker that holds something. No answer touches it: when it fires, it looks at the oldest
 * lease, and is set anew.
 */
final class HoldWatch {
    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final Dispatcher dispatcher;
    private final TaskLifecycle tasks;

    /** When one worker is looked at. */
    static final class Watch {
        /** Set while it holds something. */
        private @Nullable Timer timer;

        /** How many timers run for it. For checking invariants. */
        int deadlines() {
            return timer == null ? 0 : 1;
        }
    }

    HoldWatch(CoreContext core, Dispatcher dispatcher, TaskLifecycle tasks) {
        this.limits = core.limits();
        this.timers = core.timers();
        this.outbox = core.outbox();
        this.dispatcher = dispatcher;
        this.tasks = tasks;
    }

    /** The worker was sent a lease. */
    void start(WorkerView worker) {
        if (worker.holds.timer == null && !worker.plain) {
            schedule(worker, limits.holdMs());
        }
    }

    void stop(WorkerView worker) {
        timers.cancel(worker.holds.timer);
        worker.holds.timer = null;
    }

    private void schedule(WorkerView worker, long inMs) {
        worker.holds.timer = timers.scheduleForPeer(outbox.nowMs() + inMs, () -> look(worker));
    }

    private void look(WorkerView worker) {
        worker.holds.timer = null;
        shareUnreleased(worker);
        takeBackUnstarted(worker);
        if (!worker.leases.isEmpty()) {
            schedule(worker, Math.max(1, dueMs(worker) - outbox.peerMs()));
        }
    }

    /** When the next lease or the next revoke will be too old, by the time that peers had. */
    private long dueMs(WorkerView worker) {
        long peerMs = outbox.peerMs();
        long due = worker.revokes.nextDueMs(limits.holdMs(), peerMs, peerMs + limits.holdMs());
        Lease waiting = firstUnstarted(worker);
        return waiting == null ? due : Math.min(due, waiting.assignedPeerMs + limits.holdMs());
    }

    private void takeBackUnstarted(WorkerView worker) {
        Lease waiting = firstUnstarted(worker);
        if (waiting == null || outbox.peerMs() - waiting.assignedPeerMs < limits.holdMs()) {
            return;
        }
        boolean isBehind = false;
        Set<TaskState> slow = new HashSet<>();
        for (Lease lease : worker.leases.values()) {
            isBehind |= lease == waiting;
            long from = lease.unanswered.firstIndex();
            if (lease == waiting) {
                from = lease.fromLast(worker.unstarted(lease));
            }
            if (!isBehind || from > lease.unanswered.firstIndex()) {
                slow.add(lease.task); // Something of it runs, and the others waited for that.
                lease.pace.wasTooSlow();
            }
            if (isBehind && lease.isRevocable()) {
                lease.pace.takeBack(lease.to, slow.contains(lease.task));
                lease.revoke(from, outbox);
            }
        }
        worker.holdsEnough(worker.slots);
        dispatcher.offer(worker);
    }

    /** The first lease of which something waits that can be asked back, or null. */
    private static @Nullable Lease firstUnstarted(WorkerView worker) {
        long before = 0;
        for (Lease lease : worker.leases.values()) {
            before += lease.unanswered.size();
            if (before > worker.slots && lease.isRevocable()) {
                return lease;
            }
        }
        return null;
    }

    /** What the worker was asked to give back and says nothing of is leased elsewhere too. */
    private void shareUnreleased(WorkerView worker) {
        worker.revokes.ignoredSince(outbox.peerMs() - limits.holdMs(), number -> {
            Lease lease = worker.leases.get(number);
            if (lease != null && lease.share()) {
                lease.task.indexes.giveBack(lease.chunk, lease.sharedFrom, lease.to, outbox.nowMs());
                tasks.moved(lease.task);
            }
            return lease == null;
        });
    }
}
