package io.divvy.scheduler;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The connected workers: each from when it joins until it leaves, falls silent, or has drained. */
final class Workers {
    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final WorkerRoom room;
    private final Dispatcher dispatcher;
    private final LeaseBook leases;
    private final WorkerDeaths deaths;
    private final Map<WorkerId, WorkerView> byId = new HashMap<>();

    Workers(CoreContext core, WorkerRoom room, Dispatcher dispatcher, LeaseBook leases, WorkerDeaths deaths) {
        this.limits = core.limits();
        this.timers = core.timers();
        this.outbox = core.outbox();
        this.room = room;
        this.dispatcher = dispatcher;
        this.leases = leases;
        this.deaths = deaths;
    }

    /** Null if it is not, or no longer, known. */
    @Nullable
    WorkerView find(WorkerId id) {
        return byId.get(id);
    }

    boolean isConnected(WorkerId id) {
        return byId.containsKey(id);
    }

    Collection<WorkerView> all() {
        return byId.values();
    }

    int count() {
        return byId.size();
    }

    /** The worker showed a sign of life. Null if it is not, or no longer, known. */
    @Nullable
    WorkerView seen(WorkerId id) {
        WorkerView worker = byId.get(id);
        if (worker != null) {
            worker.lastSeenMs = outbox.nowMs();
            worker.heardPeerMs = outbox.peerMs();
        }
        return worker;
    }

    void join(Event.WorkerJoined joined) {
        WorkerView worker = new WorkerView(joined, outbox.nowMs(), outbox.peerMs(), room);
        if (byId.putIfAbsent(worker.id, worker) != null) {
            throw new IllegalArgumentException(worker.id + " joined twice");
        }
        if (!worker.plain) {
            watchHeartbeat(worker);
        }
        deaths.join(worker);
        dispatcher.join(worker);
    }

    private void watchHeartbeat(WorkerView worker) {
        long silentMs = worker.longestSilenceMs(limits);
        long leftMs = worker.heardPeerMs + silentMs - outbox.peerMs();
        worker.heartbeatTimer = timers.scheduleForPeer(outbox.nowMs() + leftMs, () -> {
            if (!worker.isSilent(limits, outbox.peerMs())) {
                watchHeartbeat(worker);
            } else {
                drop(worker, "no sign of life for " + silentMs + " ms");
            }
        });
    }

    /** It says that it drains. */
    void drains(WorkerView worker) {
        worker.draining = true;
        dispatcher.offer(worker);
    }

    /** Asks it to drain, once. Plain workers know no message for that: their connection is closed when they are idle. */
    void askToDrain(WorkerView worker) {
        if (worker.drainRequested) {
            return;
        }
        worker.drainRequested = true;
        dispatcher.offer(worker);
        if (!worker.plain) {
            outbox.emit(new Effect.GoAway(worker.id));
        }
    }

    /** Those that were asked to leave, and run nothing, and cannot say that they drain. */
    void dropIdleLeavers() {
        for (WorkerView worker = dispatcher.pollLeaver(); worker != null; worker = dispatcher.pollLeaver()) {
            if (worker.leases.isEmpty()) {
                drop(worker, "drained");
            }
        }
    }

    private void drop(WorkerView worker, String reason) {
        leave(worker, reason);
        outbox.emit(new Effect.DropWorker(worker.id, reason));
    }

    /**
     * The worker is gone. Its leases are pending again; what it can have been running is suspected of its death.
     *
     * @param reason why its connection ended
     */
    void leave(WorkerView worker, String reason) {
        byId.remove(worker.id);
        deaths.leave(worker);
        worker.gone = true;
        timers.cancel(worker.heartbeatTimer);
        dispatcher.leave(worker);
        worker.knownTasks.keySet().forEach(task -> task.knownBy.remove(worker));
        List<WorkerDeaths.Running> running = WorkerDeaths.running(worker);
        leases.leave(worker);
        deaths.count(worker, running, reason);
    }
}
