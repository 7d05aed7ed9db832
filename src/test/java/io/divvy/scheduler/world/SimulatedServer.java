package io.divvy.scheduler.world;

import io.divvy.scheduler.Change;
import io.divvy.scheduler.CoreInspection;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Refusal;
import io.divvy.scheduler.RetryPolicy;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerIdentity;
import io.divvy.scheduler.WorkerSnapshot;
import io.divvy.scheduler.WorkerTerms;
import io.divvy.scheduler.world.SimulatedStore.StoredTask;
import io.divvy.state.Ledger;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * One life of the server: the core, and an executor that does what it asks for. Each effect is held against what is durable,
 * and against what was said to whom.
 */
final class SimulatedServer implements Effect.Handler {
    private static final int MOST_TICKS_AT_ONCE = 20;
    private static final long NOT_PAUSED = -1;

    private final World world;
    private final SimulatedStore store;
    private final SplittableRandom random;
    final Scheduler core;
    private final Map<TaskId, TaskFolding> foldings = new LinkedHashMap<>();
    private final WorkerDoors doors;

    private final Map<Long, Submission> submissions = new LinkedHashMap<>();
    private final Deque<Effect> toExecute = new ArrayDeque<>();
    private final Queue<Runnable> mailbox = new ArrayDeque<>();

    private boolean isExecuting;
    private boolean isRunning = true;
    private long pausedUntilMs;
    private long pausedSinceMs = NOT_PAUSED;
    /** What splits, payloads and combines take at most; 0 for at once. */
    private long computeMs;

    private int ticksAtOnce;
    /** When the last task finished by the time of the core, which never runs backwards. */
    private long lastFinishedMs;

    SimulatedServer(World world, SimulatedStore store, WorldSettings settings, SplittableRandom random) {
        this.world = world;
        this.store = store;
        this.random = random;
        this.core = new Scheduler(settings.limits(), RetryPolicy.DEFAULT, settings.savesProgress(), random.nextLong());
        this.doors = new WorkerDoors(world, store, settings.savesProgress(), this::counted);
    }

    /** How many subtasks of the task are done or out of attempts. */
    private long counted(TaskId id) {
        TaskSnapshot task = core.find(id);
        return task == null ? 0 : task.ledger().done() + task.ledger().failed();
    }

    /** Takes up what a former server left behind. */
    void start() {
        for (StoredTask stored : store.unfinished()) {
            TaskFolding folding = folding(stored.task);
            stored.chunks.forEach((number, chunk) -> {
                if (chunk.accumulator != null) {
                    folding.restore(number, chunk.accumulator);
                }
            });
            feed(stored.restored());
        }
    }

    boolean isRunning() {
        return isRunning;
    }

    void crash() {
        isRunning = false;
        doors.cutAll();
    }

    /** Its loop stands still for a while; what comes waits. */
    void pause(long ms) {
        if (!isPaused()) {
            pausedSinceMs = world.nowMs();
        }
        pausedUntilMs = Math.max(pausedUntilMs, world.nowMs() + ms);
        world.schedule(pausedUntilMs - world.nowMs(), this::goOn);
    }

    private void goOn() {
        if (isRunning && !isPaused() && pausedSinceMs != NOT_PAUSED) {
            long ms = world.nowMs() - pausedSinceMs;
            pausedSinceMs = NOT_PAUSED;
            doors.lost(ms);
            feed(new Event.TimeLost(ms));
        }
        while (isRunning && !isPaused() && !mailbox.isEmpty()) {
            mailbox.remove().run();
        }
    }

    private boolean isPaused() {
        return pausedUntilMs > world.nowMs();
    }

    void computeFor(long mostMs) {
        computeMs = mostMs;
    }

    void heal() {
        pausedUntilMs = 0;
        computeMs = 0;
        goOn();
    }

    /** What its clock showed says nothing of how long something waits now. */
    void clockTurned() {
        doors.clockTurned();
    }

    /** When it wants to be ticked, in the world's time. */
    long nextTickMs() {
        if (!isRunning || core.nextDeadlineMs() == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        return Math.max(core.nextDeadlineMs() - world.clockSkewMs(), pausedUntilMs);
    }

    void tick() {
        Violation.unless(
                ++ticksAtOnce < MOST_TICKS_AT_ONCE, () -> "a deadline is set in the past again and again: " + core);
        long before = core.nextDeadlineMs();
        run(core.tick(world.clockMs()), "time passes");
        doors.requireNoNeedlessCopies(CoreInspection.needlessCopies(core));
        doors.requireRevoked(CoreInspection.keptFromHigher(core));
        doors.requireTakenBack(CoreInspection.unstarted(core));
        if (core.nextDeadlineMs() > before) {
            ticksAtOnce = 0;
        }
    }

    /** An event that comes from somewhere else, now or when the loop goes on. */
    void hear(Event event) {
        inLoop(() -> feed(event));
    }

    private void inLoop(Runnable action) {
        if (isPaused() || !mailbox.isEmpty()) {
            mailbox.add(action);
        } else if (isRunning) {
            action.run();
        }
    }

    /** What the loop itself does for the core: at once, or later. */
    private void compute(Event event) {
        long ms = computeMs == 0 ? 0 : random.nextLong(computeMs);
        if (ms == 0) {
            feed(event);
        } else {
            world.schedule(ms, () -> hear(event));
        }
    }

    void feed(Event event) {
        if (!isRunning) {
            return;
        }
        run(core.handle(event, world.clockMs()), event);
    }

    private void run(List<Effect> effects, Object cause) {
        world.happened(cause);
        doors.peerMs();
        CoreInspection.checkInvariants(core);
        for (Effect effect : effects) {
            if (effect instanceof Effect.DropWorker missed) {
                doors.noteMissed(missed); // First: it may be why a task fails in the same turn.
            }
        }
        toExecute.addAll(effects);
        if (isExecuting) {
            return;
        }
        isExecuting = true;
        while (!toExecute.isEmpty()) {
            Effect effect = toExecute.remove();
            world.heard(effect);
            effect.dispatch(this);
        }
        isExecuting = false;
    }

    // Workers.

    void join(Connection connection) {
        inLoop(() -> {
            SimulatedWorker.Character worker = connection.worker.character;
            doors.open(connection);
            feed(new Event.WorkerJoined(
                    connection.id,
                    new WorkerIdentity("host", connection.worker.name),
                    worker.plain()
                            ? WorkerTerms.plain(worker.types())
                            : WorkerTerms.heartbeatEvery(SimulatedWorker.HEARTBEAT_MS)
                                    .slots(worker.slots())
                                    .credit(worker.credit())
                                    .takes(worker.types())
                                    .derives(worker.derives())
                                    .acks(worker.acks())
                                    .instance(connection.worker.instance())
                                    .build()));
        });
    }

    void leave(Connection connection) {
        inLoop(() -> {
            if (doors.close(connection)) {
                noteDeath(connection);
                feed(new Event.WorkerLeft(connection.id, "closed without a word"));
            }
        });
    }

    void fromWorker(Connection connection, Event event, boolean honest) {
        inLoop(() -> {
            if (!doors.isOpen(connection)) {
                return; // Its connection is closed by now.
            }
            connection.isTainted |= !honest;
            Event said = honest ? event : withTrueResults(event);
            noteFailure(said);
            if (!honest) {
                noteBroken(connection, said);
            }
            doors.hear(connection, said);
            feed(said);
            doors.heard();
        });
    }

    /** Who lies may hit a lease that it does not mean. What it says of it is true, as nobody could tell if it were not. */
    private Event withTrueResults(Event lie) {
        if (!(lie instanceof Event.ResultsArrived answer)) {
            return lie;
        }
        TaskId task = CoreInspection.taskOf(core, answer.worker(), answer.lease());
        SimulatedResults results = (SimulatedResults) answer.results();
        return task == null
                ? lie
                : new Event.ResultsArrived(
                        answer.worker(),
                        answer.lease(),
                        answer.from(),
                        answer.to(),
                        new SimulatedResults(
                                world.task(task),
                                results.first(),
                                results.count(),
                                results.combined(),
                                results.sizeBytes()),
                        answer.combined());
    }

    private void noteFailure(Event event) {
        if (event instanceof Event.SubtaskFailed failed) {
            TaskId task = CoreInspection.taskOf(core, failed.worker(), failed.lease());
            if (task != null) {
                world.task(task).failed(failed.index(), failed.retryable());
            }
        }
    }

    /** What makes no sense for a lease is a failed attempt of something in it, or of what the worker runs. */
    private void noteBroken(Connection connection, Event lie) {
        Long number = lie instanceof Event.ResultsArrived answer
                ? Long.valueOf(answer.lease())
                : lie instanceof Event.SubtaskFailed failed ? Long.valueOf(failed.lease()) : null;
        if (number == null) {
            return;
        }
        Connection.Lease meant = connection.leases.get(number);
        for (Connection.Lease lease : meant == null ? connection.leases.values() : List.of(meant)) {
            for (long index = lease.from; index < lease.to; index++) {
                world.task(lease.task).failed(index, true);
            }
        }
    }

    /**
     * What is suspected of a death was begun by that worker. Unless it ran only what it was told to stop, or what it got over a
     * former connection: of that the server cannot know.
     */
    private static void requireBegun(Connection connection, CoreInspection.Subtask suspect) {
        List<CoreInspection.Subtask> ran = connection.worker.ranLast(connection);
        Violation.unless(
                connection.isTainted
                        || connection.hasBegun(suspect)
                        || ran.stream()
                                .noneMatch(subtask ->
                                        connection.hasBegun(subtask) && !connection.stopped.contains(subtask.task())),
                () -> suspect + " is suspected of the death of " + connection.worker + ", which ran " + ran);
    }

    /** Who got nothing when the last worker died: it may be over in the same moment, too late to count as a witness. */
    private Set<WorkerId> quarantinedAtDeath = Set.of();

    /** A worker went away; if it ran one subtask and nothing else, that may count against the subtask. */
    private void noteDeath(Connection connection) {
        quarantinedAtDeath = core.workers().stream()
                .filter(worker -> worker.quarantinedUntilMs() != null)
                .map(WorkerSnapshot::id)
                .collect(Collectors.toSet());
        List<CoreInspection.Subtask> ran = CoreInspection.running(core, connection.id);
        WorkerSnapshot worker = core.worker(connection.id);
        if (ran.size() == 1 && worker != null) {
            CoreInspection.Subtask subtask = ran.get(0);
            requireBegun(connection, subtask);
            world.task(subtask.task())
                    .loneDeaths
                    .add(subtask.index(), connection.worker.name, worker.subtasksDone() > 0);
        }
    }

    /** Who is called poison took down different workers, or all there are, the last of them one that works. */
    private void requireFairVerdict(TaskSnapshot end) {
        TaskFailure failure = end.failure();
        if (failure == null || failure.code() != TaskFailure.Code.SUBTASK_POISONOUS || failure.subtask() == null) {
            return;
        }
        LoneDeaths.Seen seen = world.task(end.spec()).loneDeaths.of(failure.subtask());
        List<WorkerSnapshot> takers = core.workers().stream()
                .filter(worker -> !worker.draining()
                        && worker.quarantinedUntilMs() == null
                        && !quarantinedAtDeath.contains(worker.id())
                        && !CoreInspection.isStalled(core, worker.id())
                        && (worker.taskTypes() == null
                                || worker.taskTypes().contains(end.spec().type())))
                .toList();
        Violation.unless(
                seen.names().size() >= world.settings().limits().deathsUntilPoison()
                        || takers.stream().allMatch(taker -> seen.names().contains(taker.name())),
                () -> end + " is called poison after " + seen + ", but there are " + takers);
        Violation.unless(
                seen.wasLastProven() || takers.stream().noneMatch(taker -> taker.subtasksDone() > 0),
                () -> end + " is called poison after " + seen + " though there are proven workers: " + takers);
    }

    // Senders.

    /** The server splits a task, and only then asks the core and the store for it. */
    void submit(Submission submission) {
        inLoop(() -> {
            long ms = computeMs == 0 ? 0 : random.nextLong(computeMs);
            if (ms == 0) {
                submitSplit(submission);
            } else {
                world.schedule(ms, () -> submitSplit(submission));
            }
        });
    }

    private void submitSplit(Submission submission) {
        inLoop(() -> {
            TaskSpec wanted = submission.wanted.spec;
            if (submission.wanted.splitFailure != null) {
                submission.refused();
                return;
            }
            StoredTask stored = store.findByKey(wanted.submitKey());
            if (stored != null && stored.end != null && core.find(stored.task.spec.id()) == null) {
                submission.answered(stored.task, stored.task.spec.fingerprint().equals(wanted.fingerprint()), world);
                return;
            }
            long request = world.newRequest();
            submissions.put(request, submission);
            SimulatedTask task = world.arrives(submission);
            feed(new Event.TaskSubmitted(request, task.spec, task.size()));
        });
    }

    /** A sender wants a task to be forgotten, which is done if it has ended. */
    void delete(SimulatedTask task) {
        inLoop(() -> {
            StoredTask stored = store.find(task.spec.id());
            if (stored != null && stored.end != null && core.find(task.spec.id()) == null) {
                store.delete(stored);
                task.isDeleted = true;
            }
        });
    }

    // What the core says, held against what is so.

    @Override
    public void on(Effect.TaskAccepted effect) {
        Submission submission = takeSubmission(effect.request());
        StoredTask stored = Violation.ifNull(
                store.find(effect.task()), () -> effect.task() + " is accepted before it is durable that it exists");
        Violation.unless(
                stored.task.spec.fingerprint().equals(submission.wanted.spec.fingerprint())
                        && effect.subtasks() == stored.task.subtasks,
                () -> effect + " answers " + submission);
        submission.answered(stored.task, true, world);
        if (!submission.isOf(effect.task())) {
            submission.isKnownAlready(world);
        }
    }

    @Override
    public void on(Effect.TaskRefused effect) {
        Submission submission = takeSubmission(effect.request());
        Refusal.Kind kind = effect.refusal().kind();
        boolean isRight =
                switch (kind) {
                    case CONFLICT -> submission.mayConflict || world.mayConflict(submission.wanted.spec);
                    case BUSY ->
                        store.hasFailed()
                                || core.openTasks() >= world.settings().limits().openTasks()
                                || core.openTaskBytes()
                                                + submission.wanted.size().bytes()
                                        > world.settings().limits().openTaskBytes();
                    default -> false;
                };
        Violation.unless(isRight, () -> submission + " is refused: " + effect.refusal());
        if (kind != Refusal.Kind.CONFLICT && core.find(effect.task()) == null) {
            foldings.remove(effect.task()); // What was done of it was for nothing, and it may be submitted again.
        }
        submission.refused();
    }

    private Submission takeSubmission(long request) {
        return Violation.ifNull(submissions.remove(request), () -> "request " + request + " is answered twice");
    }

    @Override
    public void on(Effect.MakePayloads effect) {
        doors.requireNotDone(effect.task(), effect.from(), effect.to());
        long size = effect.to() - effect.from();
        long to = effect.from() + (random.nextInt(8) == 0 ? 1 + random.nextLong(size) : size);
        compute(new Event.PayloadsReady(effect.task(), effect.lease(), to, new SimulatedPayloads(effect.from(), to)));
    }

    @Override
    public void on(Effect.DescribeTask effect) {
        doors.on(effect);
    }

    @Override
    public void on(Effect.Assign effect) {
        doors.on(effect);
    }

    @Override
    public void on(Effect.Revoke effect) {
        doors.on(effect);
    }

    @Override
    public void on(Effect.CancelLease effect) {
        doors.on(effect);
    }

    @Override
    public void on(Effect.Ack effect) {
        doors.on(effect);
    }

    @Override
    public void on(Effect.CancelWork effect) {
        doors.on(effect);
    }

    @Override
    public void on(Effect.Forget effect) {
        doors.on(effect);
    }

    @Override
    public void on(Effect.RefuseMessage effect) {
        doors.on(effect);
    }

    @Override
    public void on(Effect.DropWorker effect) {
        doors.on(effect);
    }

    @Override
    public void on(Effect.GoAway effect) {
        doors.on(effect);
    }

    private TaskFolding folding(SimulatedTask task) {
        return foldings.computeIfAbsent(task.spec.id(), id -> new TaskFolding(task));
    }

    private TaskFolding folding(TaskId task) {
        return folding(world.task(task));
    }

    @Override
    public void on(Effect.Fold effect) {
        TaskFolding folding = folding(effect.task());
        folding.fold(effect);
        requireCounted(folding);
    }

    @Override
    public void on(Effect.FoldCombined effect) {
        TaskFolding folding = folding(effect.task());
        folding.foldCombined(effect);
        requireCounted(folding);
    }

    @Override
    public void on(Effect.FoldFailed effect) {
        TaskFolding folding = folding(effect.task());
        folding.foldFailed(effect);
        requireCounted(folding);
    }

    /** Nothing is folded that the ledger does not count. */
    private void requireCounted(TaskFolding folding) {
        TaskSnapshot task = core.find(folding.task.spec.id());
        if (task != null) {
            Ledger ledger = task.ledger();
            Violation.unless(
                    folding.folded() <= ledger.done() + ledger.failed(),
                    () -> folding.folded() + " indexes are folded, but the ledger says " + ledger);
        }
    }

    @Override
    public void on(Effect.CloseChunk effect) {
        folding(effect.task()).closeChunk(effect.chunk());
    }

    @Override
    public void on(Effect.Finish effect) {
        compute(new Event.CombineFinished(effect.task(), folding(effect.task()).finish()));
    }

    @Override
    public void on(Effect.Persist effect) {
        if (effect.change() instanceof Change.TaskFinished finished
                && finished.task().finishedMs() != null) {
            long finishedMs = finished.task().finishedMs();
            Violation.unless(
                    finishedMs >= lastFinishedMs, () -> effect + ", but the last one finished at " + lastFinishedMs);
            lastFinishedMs = finishedMs;
            requireFairVerdict(finished.task());
        }
        TaskFolding folding = effect.change() instanceof Change.TaskAdvanced advanced ? folding(advanced.task()) : null;
        store.persist(effect.commit(), effect.change(), folding);
    }

    @Override
    public void on(Effect.ReportProgress effect) {
        Violation.unless(effect.ledger().addsUp(), () -> effect + " does not add up");
        Violation.unless(
                store.find(effect.task()) != null, () -> effect + ", but it is not durable that the task exists");
    }

    @Override
    public void on(Effect.TaskEnded effect) {
        TaskSnapshot end = effect.task();
        SimulatedTask task = world.task(end.spec().id());
        StoredTask stored = Violation.ifNull(store.find(task.spec.id()), () -> task + " ended, but never existed");
        Violation.unless(
                end.equals(stored.end) && Objects.equals(effect.answer(), stored.answer),
                () -> effect + ", but what is durable is " + stored.end);
        Violation.unless(core.find(task.spec.id()) == null, () -> task + " ended, but the core keeps it");
        foldings.remove(task.spec.id());
        task.toldEnd = end;
        RightEnd.require(stored, world.settings().limits().deathsUntilPoison());
    }
}
