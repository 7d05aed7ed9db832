package io.divvy.scheduler;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskSnapshot;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Shares out the subtasks of tasks among workers. In come events and the time, out go effects; nothing else happens.
 *
 * <p>It leans on five parts: {@link TaskLifecycle} takes a task from its submission to its end, {@link Dispatcher} brings
 * ready tasks and hungry workers together, {@link LeaseBook} grants leases and says what becomes of them, {@link Accounting} which results
 * and failures count, and {@link Journal} when that is saved.
 *
 * <p>Not thread-safe: one thread calls it.
 */
public final class Scheduler {
    private final Limits limits;
    private final Timers timers = new Timers();
    private final Outbox outbox = new Outbox();
    private final Map<WorkerId, WorkerView> workers = new HashMap<>();

    private final DurabilityGate gate;
    private final Journal journal;
    private final Dispatcher dispatcher;
    private final TaskLifecycle tasks;
    private final WorkerRoom room;
    private final TaskRooms rooms;
    private final Accounting accounting;
    private final HoldWatch holds;
    private final LeaseBook leases;
    private final Trials trials;
    private final Quarantine quarantine;
    private final WorkerDeaths deaths;
    private final Event.Handler onEvent = new OnEvent();

    /**
     * @param savesProgress whether to hand the store how far unfinished tasks came; of no use if it forgets all when the
     *     process ends
     * @param seed of the jitter of retries: the same events with the same seed give the same effects
     */
    public Scheduler(Limits limits, RetryPolicy retryPolicy, boolean savesProgress, long seed) {
        this.limits = limits;
        this.gate = new DurabilityGate(outbox);
        SplittableRandom random = new SplittableRandom(seed);
        this.journal = new Journal(limits, timers, outbox, gate, workers::containsKey, savesProgress);
        Takers takers = new Takers();
        this.room = new WorkerRoom(limits);
        this.trials = new Trials(limits, timers, outbox, takers);
        CoreContext core = new CoreContext(limits, timers, outbox);
        this.dispatcher = new Dispatcher(core, journal, room, trials, this::grant);
        this.rooms = new TaskRooms(limits);
        this.tasks = new TaskLifecycle(core, dispatcher, gate, journal, rooms);
        this.quarantine = new Quarantine(limits, timers, outbox, dispatcher::offer);
        this.accounting = new Accounting(limits, retryPolicy, random, timers, outbox, tasks, journal, quarantine);
        this.deaths = new WorkerDeaths(limits, outbox, trials, quarantine, accounting);
        this.holds = new HoldWatch(limits, timers, outbox, dispatcher, tasks);
        this.leases =
                new LeaseBook(limits, timers, outbox, dispatcher, tasks, accounting, journal, deaths, room, holds);
    }

    /**
     * Takes in what happened. Returns what should happen now, in that order.
     *
     * <p>Deadlines wait for {@link #tick}: what else arrived late because this process was slow comes first, and still
     * counts as a sign of life.
     */
    public List<Effect> handle(Event event, long nowMs) {
        outbox.startTurn(nowMs);
        event.dispatch(onEvent);
        return endTurn();
    }

    /**
     * Fires what is due. To be called when {@link #nextDeadlineMs} has come, after all events that are there by then; earlier
     * or later does no harm.
     */
    public List<Effect> tick(long nowMs) {
        outbox.startTurn(nowMs);
        timers.fire(outbox.nowMs());
        return endTurn();
    }

    private List<Effect> endTurn() {
        rooms.enforce(tasks);
        dropIdleLeavers(); // Before, as who leaves makes room for others.
        dispatcher.startTurn();
        for (Grant next = dispatcher.next(); next != null; next = dispatcher.next()) {
            leases.grant(next);
        }
        dispatcher.endTurn();
        return outbox.endTurn();
    }

    /** When something becomes due by time alone; {@link Long#MAX_VALUE} if nothing does. */
    public long nextDeadlineMs() {
        return timers.nextDeadlineMs();
    }

    /**
     * An unfinished task as it stands, or null if there is none of that id. An end that is not durable yet does not show.
     */
    public @Nullable TaskSnapshot find(TaskId id) {
        TaskState task = tasks.find(id);
        return task == null ? null : task.visibleSnapshot();
    }

    /** Whether a task that has not left the core has this key, be it one of which nobody was told yet. */
    public boolean isTaken(SubmitKey key) {
        return tasks.find(key) != null;
    }

    /** The unfinished task that its sender calls so, or null if none was accepted under that key. */
    public @Nullable TaskId find(SubmitKey key) {
        TaskState task = tasks.find(key);
        return task == null || !task.acceptance.isAccepted() ? null : task.spec.id();
    }

    /** The task of a worker's open or ended lease, or null if the worker never had a lease of that number. */
    public @Nullable TaskId taskOf(WorkerId id, long lease) {
        WorkerView worker = workers.get(id);
        return worker == null ? null : worker.taskOf(lease);
    }

    /** Whether all of {@code [from, to)} belongs to an open or ended lease of the worker. */
    public boolean covers(WorkerId id, long lease, long from, long to) {
        WorkerView worker = workers.get(id);
        return worker != null && worker.covers(lease, from, to);
    }

    /**
     * Shows the visitor unfinished tasks that were accepted, the newest first, each as {@link #find} would, until it has seen
     * enough. Makes each snapshot when it is asked for.
     *
     * @param after begin behind this position, or null for the newest
     * @param visitor returns whether it wants the next one
     */
    public void visitOpen(@Nullable TaskPosition after, Predicate<TaskSnapshot> visitor) {
        for (TaskState task : tasks.acceptedAfter(after)) {
            if (!visitor.test(task.visibleSnapshot())) {
                return;
            }
        }
    }

    /**
     * Why a task is not finished: all reasons that hold, what runs first. Null if no task of that id is open. Its cost grows
     * with the workers and the leases of the task.
     */
    public @Nullable List<Explanation> explain(TaskId id) {
        TaskState task = tasks.find(id);
        return task == null
                ? null
                : new Explainer(limits, journal.isFull(), workers.values(), dispatcher.readyInOrder()).explain(task);
    }

    /** The connected workers, in the order in which they joined. */
    public List<WorkerSnapshot> workers() {
        return workers.values().stream()
                .map(WorkerView::snapshot)
                .sorted(Comparator.comparingLong(worker -> worker.id().value()))
                .toList();
    }

    /** A connected worker, or null. */
    public @Nullable WorkerSnapshot worker(WorkerId id) {
        WorkerView worker = workers.get(id);
        return worker == null ? null : worker.snapshot();
    }

    /** Tasks that are not finished. */
    public int openTasks() {
        return tasks.count();
    }

    /** What the unfinished tasks take in memory, as their submissions said. */
    public long openTaskBytes() {
        return tasks.openBytes();
    }

    /** What results take that wait for lower ones. */
    public long earlyResultBytes() {
        return rooms.early.bytes();
    }

    /** What is known of single subtasks takes so much. */
    public long subtaskBytes() {
        return rooms.subtasks.bytes() + rooms.failedRanges.bytes();
    }

    /** What leases take, and what is remembered of others. */
    public long workerBytes() {
        return room.bytes();
    }

    /** What results take that are not durable yet. */
    public long unsavedResultBytes() {
        return journal.unsavedBytes();
    }

    /** Workers that are connected. */
    public int connectedWorkers() {
        return workers.size();
    }

    private void grant(Grant copy) {
        leases.grant(copy);
    }

    /** The worker showed a sign of life. Null if it is not, or no longer, known. */
    private @Nullable WorkerView seen(WorkerId id) {
        WorkerView worker = workers.get(id);
        if (worker != null) {
            worker.lastSeenMs = outbox.nowMs();
            worker.heardPeerMs = outbox.peerMs();
        }
        return worker;
    }

    private void watchHeartbeat(WorkerView worker) {
        long silentMs = worker.longestSilenceMs(limits);
        long leftMs = worker.heardPeerMs + silentMs - outbox.peerMs();
        worker.heartbeatTimer = timers.scheduleForPeer(outbox.nowMs() + leftMs, () -> {
            if (!worker.isSilent(limits, outbox.peerMs())) {
                watchHeartbeat(worker);
            } else {
                String reason = "no sign of life for " + silentMs + " ms";
                remove(worker, reason);
                outbox.emit(new Effect.DropWorker(worker.id, reason));
            }
        });
    }

    /** Plain workers know no message that asks them to leave: their connection is closed once they are idle. */
    private void dropIdleLeavers() {
        for (WorkerView worker = dispatcher.pollLeaver(); worker != null; worker = dispatcher.pollLeaver()) {
            if (worker.leases.isEmpty()) {
                remove(worker, "drained");
                outbox.emit(new Effect.DropWorker(worker.id, "drained"));
            }
        }
    }

    private void remove(WorkerView worker, String reason) {
        workers.remove(worker.id);
        quarantine.leave(worker);
        holds.stop(worker);
        leases.leave(worker, reason);
    }

    private final class OnEvent implements Event.Handler {
        @Override
        public void on(Event.TaskSubmitted event) {
            tasks.submit(event);
        }

        @Override
        public void on(Event.PayloadsReady event) {
            leases.prepared(event);
        }

        @Override
        public void on(Event.TaskBroke event) {
            tasks.broke(event.task(), TaskFailure.of(event.code(), event.message()));
        }

        @Override
        public void on(Event.CombineFinished event) {
            tasks.combineFinished(event.task(), event.answer());
        }

        @Override
        public void on(Event.CancelRequested event) {
            tasks.cancel(event.task());
        }

        @Override
        public void on(Event.ProgressWanted event) {
            tasks.want(event.task(), event.wanted());
        }

        @Override
        public void on(Event.WorkerJoined event) {
            WorkerView worker = new WorkerView(event, outbox.nowMs(), outbox.peerMs(), room);
            if (workers.putIfAbsent(worker.id, worker) != null) {
                throw new IllegalArgumentException(worker.id + " joined twice");
            }
            if (!worker.plain) {
                watchHeartbeat(worker);
            }
            deaths.cameBack(worker);
            quarantine.join(worker);
            dispatcher.join(worker);
        }

        @Override
        public void on(Event.WorkerLeft event) {
            WorkerView worker = workers.get(event.worker());
            if (worker != null) {
                remove(worker, event.reason());
            }
        }

        @Override
        public void on(Event.ExitCodeTold event) {
            WorkerView worker = workers.get(event.worker());
            if (worker != null) {
                quarantine.tellExitCode(worker.identity, event.exitCode());
            }
        }

        @Override
        public void on(Event.AnswerBroken event) {
            WorkerView worker = seen(event.worker());
            if (worker != null) {
                leases.broke(worker, event);
            }
        }

        @Override
        public void on(Event.WorkerDraining event) {
            WorkerView worker = seen(event.worker());
            if (worker != null) {
                worker.draining = true;
                dispatcher.offer(worker);
            }
        }

        @Override
        public void on(Event.WorkerDrainRequested event) {
            WorkerView worker = workers.get(event.worker());
            if (worker == null || worker.drainRequested) {
                return;
            }
            worker.drainRequested = true;
            dispatcher.offer(worker);
            if (!worker.plain) {
                outbox.emit(new Effect.GoAway(worker.id));
            }
        }

        @Override
        public void on(Event.SplitDeclined event) {
            WorkerView worker = seen(event.worker());
            if (worker != null) {
                leases.decline(worker, event.task());
            }
        }

        @Override
        public void on(Event.Heartbeat event) {
            WorkerView worker = seen(event.worker());
            if (worker != null) {
                event.nextIndexes().forEach((lease, next) -> leases.advance(worker, lease, next));
            }
        }

        @Override
        public void on(Event.ResultsArrived event) {
            WorkerView worker = seen(event.worker());
            if (worker != null) {
                leases.answer(worker, event);
            }
        }

        @Override
        public void on(Event.ResultsOffered event) {
            WorkerView worker = seen(event.worker());
            if (worker != null) {
                leases.takeOffer(worker, event);
            }
        }

        @Override
        public void on(Event.OfferUnusable event) {
            WorkerView worker = seen(event.worker());
            if (worker != null) {
                leases.refuseOffered(worker, event);
            }
        }

        @Override
        public void on(Event.LeaseReleased event) {
            WorkerView worker = seen(event.worker());
            if (worker != null) {
                leases.release(worker, event);
            }
        }

        @Override
        public void on(Event.SubtaskFailed event) {
            WorkerView worker = seen(event.worker());
            if (worker != null) {
                leases.fail(worker, event);
            }
        }

        @Override
        public void on(Event.TaskRestored event) {
            TaskState task = tasks.restore(event);
            List<Chunk> chunks = Restoration.restore(task, event, outbox.nowMs());
            for (int i = 0; i < chunks.size(); i++) {
                accounting.restore(task, chunks.get(i), event.chunks().get(i));
            }
            rooms.takeAllThatIsThere();
            tasks.moved(task);
        }

        @Override
        public void on(Event.CommitDeferred event) {
            gate.defer(event.commit());
        }

        @Override
        public void on(Event.StoreCommitted event) {
            gate.committed(event.commit());
        }

        @Override
        public void on(Event.CreationFailed event) {
            tasks.creationFailed(event.commit(), event.task(), event.message());
        }

        @Override
        public void on(Event.StoreFailing event) {
            tasks.storeFails(event.message());
        }

        @Override
        public void on(Event.StoreRecovered event) {
            tasks.storeFails(null);
        }

        @Override
        public void on(Event.TimeLost event) {
            outbox.lose(event.ms());
            timers.lose(event.ms());
        }
    }

    /** Chunks of a task of which something is open: what its state grows with. For tests. */
    int openChunks(TaskId id) {
        TaskState task = tasks.find(id);
        return task == null ? 0 : task.indexes.openChunks().size();
    }

    /** Whether a worker gets nothing because it stands still, or is about to be gone as it broke the protocol. For tests. */
    boolean isStalled(WorkerId id) {
        WorkerView worker = workers.get(id);
        return worker != null && (worker.owedLease != null || worker.brokeProtocol);
    }

    /** What a worker would be taken to have run if it died now. For tests. */
    List<WorkerDeaths.Running> running(WorkerId id) {
        WorkerView worker = workers.get(id);
        return worker == null ? List.of() : WorkerDeaths.running(worker);
    }

    /** Copies, asked to be stopped or not, on workers that would get something else if they held nothing. For tests. */
    List<Lease> needlessCopies() {
        return workers.values().stream()
                .filter(dispatcher::hasReadyFor)
                .flatMap(worker -> worker.copies.stream())
                .filter(lease -> lease.isAssigned)
                .toList();
    }

    /** Leases with something unstarted that nobody asked for, though ready work of higher rank waits for the worker. For tests. */
    List<Lease> keptFromHigher() {
        return workers.values().stream()
                .filter(worker -> !worker.plain)
                .flatMap(worker -> dispatcher.keptFromHigher(worker).stream())
                .toList();
    }

    /** Leases with something unstarted that nobody asked for. For tests. */
    List<Lease> unstarted() {
        return workers.values().stream()
                .filter(worker -> !worker.plain)
                .flatMap(worker -> worker.askable().stream())
                .toList();
    }

    /** Of how many task types it is known how fast a worker is. For tests. */
    int rememberedPaces(WorkerId id) {
        WorkerView worker = workers.get(id);
        return worker == null ? 0 : worker.rememberedPaces();
    }

    /** How many worker names are remembered for deaths. For tests. */
    int rememberedNames() {
        return quarantine.names();
    }

    /** Of how many worker names it is remembered that their connection was lost. For tests. */
    int rememberedLosses() {
        return deaths.rememberedLosses();
    }

    /** Whether something waits for a commit or for the time, or is counted as unsaved. For tests. */
    boolean waitsForSomething() {
        return timers.size() > 0 || gate.holdsSomething() || journal.unsavedBytes() > 0;
    }

    /** Throws unless every invariant holds. For tests: its cost grows with the open tasks. */
    void checkInvariants() {
        new Invariants(tasks.all(), workers.values(), dispatcher, trials, timers).check();
        long openBytes = 0;
        long earlyBytes = 0;
        long subtaskBytes = 0;
        for (TaskState task : tasks.all()) {
            openBytes += task.sizeBytes;
            earlyBytes += task.early.bytes();
            subtaskBytes += task.known.bytes();
        }
        if (earlyBytes != earlyResultBytes()) {
            throw new IllegalStateException(
                    "broken: early results take " + earlyBytes + " bytes, not " + earlyResultBytes());
        }
        if (subtaskBytes != rooms.subtasks.bytes()) {
            throw new IllegalStateException(
                    "broken: single subtasks take " + subtaskBytes + " bytes, not " + rooms.subtasks.bytes());
        }
        long workerBytes =
                workers.values().stream().mapToLong(WorkerView::countBytes).sum();
        if (workerBytes != workerBytes()) {
            throw new IllegalStateException(
                    "broken: leases and what is known of workers take " + workerBytes + " bytes, not " + workerBytes());
        }
        if (openBytes != tasks.openBytes()) {
            throw new IllegalStateException(
                    "broken: the open tasks take " + openBytes + " bytes, not " + tasks.openBytes());
        }
    }
}
