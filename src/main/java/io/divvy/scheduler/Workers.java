package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
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

    /** The signs of life of one worker. */
    static final class Signs {
        private long lastSeenMs;
        /** The same by the time that peers had. */
        private long heardPeerMs;
        /** When it is looked whether it fell silent; null for a plain worker. */
        private @Nullable Timer timer;

        Signs(long nowMs, long peerMs) {
            this.lastSeenMs = nowMs;
            this.heardPeerMs = peerMs;
        }

        long lastSeenMs() {
            return lastSeenMs;
        }

        long heardPeerMs() {
            return heardPeerMs;
        }

        /** How many timers run for it. For checking invariants. */
        int deadlines() {
            return timer == null ? 0 : 1;
        }
    }

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
            worker.signs.lastSeenMs = outbox.nowMs();
            worker.signs.heardPeerMs = outbox.peerMs();
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
        long leftMs = worker.signs.heardPeerMs + silentMs - outbox.peerMs();
        worker.signs.timer = timers.scheduleForPeer(outbox.nowMs() + leftMs, () -> {
            if (!worker.isSilent(limits, outbox.peerMs())) {
                watchHeartbeat(worker);
            } else {
                drop(worker, "no sign of life for " + silentMs + " ms");
            }
        });
    }

    /** It says that it drains. */
    void drains(WorkerView worker) {
        worker.drain();
        dispatcher.offer(worker);
    }

    /** Asks it to drain, once. Plain workers know no message for that: their connection is closed when they are idle. */
    void askToDrain(WorkerView worker) {
        if (worker.isAskedToDrain()) {
            return;
        }
        worker.askToDrain();
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
        worker.leave();
        timers.cancel(worker.signs.timer);
        dispatcher.leave(worker);
        worker.known.all().forEach(task -> task.knownBy.remove(worker));
        List<WorkerDeaths.Running> running = WorkerDeaths.running(worker);
        leases.leave(worker);
        deaths.count(worker, running, reason);
    }
}
