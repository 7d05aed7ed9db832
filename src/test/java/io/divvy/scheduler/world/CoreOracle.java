package io.divvy.scheduler.world;

import io.divvy.protocol.TaskObject;
import io.divvy.scheduler.Change;
import io.divvy.scheduler.CoreInspection;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerSnapshot;
import io.divvy.state.Ledger;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Holds what the core of one life of the server says against what it was told, and against what is durable. */
final class CoreOracle implements Effect.Handler {
    /** What is broken stays so: it is enough to look at all of the core now and then. */
    private static final int TURNS_PER_LOOK_AT_ALL = 16;

    private final World world;
    private final SimulatedStore store;
    private final Function<TaskId, TaskObject> submitted;
    private final PeerTime time;
    private final WorkerOracle workers;
    private final DeathOracle deaths;
    private final SubmissionOracle senders;
    private final PatchOracle patches;
    private final Map<TaskId, FoldOracle> foldings = new HashMap<>();
    private @Nullable Scheduler core;
    private long turns;
    private long lastCommit;
    /** When the last task finished by the time of the core, which never runs backwards. */
    private long lastFinishedMs;

    /** @param submitted gives what was submitted as a task that is open, the very object */
    CoreOracle(World world, SimulatedStore store, Function<TaskId, TaskObject> submitted) {
        this.world = world;
        this.store = store;
        this.submitted = submitted;
        this.senders = new SubmissionOracle(world, store);
        this.time = new PeerTime(world);
        this.patches = new PatchOracle(world, store, time);
        this.workers = new WorkerOracle(world, store, time, this::counted);
        this.deaths = new DeathOracle(world, time);
    }

    PeerTime time() {
        return time;
    }

    WorkerOracle workers() {
        return workers;
    }

    /** How many subtasks of the task are done or out of attempts. */
    private long counted(TaskId id) {
        TaskSnapshot task = core().find(id);
        return task == null ? 0 : task.ledger().done() + task.ledger().failed();
    }

    private Scheduler core() {
        return Violation.ifNull(core, () -> "the core says something before it was told anything");
    }

    // What it is told.

    /**
     * The core was told something, or time passed.
     *
     * @param event null if time passed
     * @param from whose frame led to it, or null
     */
    void turned(Scheduler turned, @Nullable Event event, List<Effect> effects, @Nullable WorkerConnection from) {
        core = turned;
        time.peerMs();
        if (++turns % TURNS_PER_LOOK_AT_ALL == 0) {
            CoreInspection.checkInvariants(turned);
        } else if (event != null || !effects.isEmpty()) {
            CoreInspection.checkTouched(turned, event, effects);
        }
        for (Effect effect : effects) {
            if (effect instanceof Effect.DropWorker missed) {
                workers.noteMissed(missed); // First: it may be why a task fails in the same turn.
                deaths.missed(Violation.ifNull(workers.find(missed.worker()), () -> missed + ", but it is not there"));
            }
        }
        if (event != null) {
            hear(event, from);
            workers.requireRefused(event, effects);
            if (event instanceof Event.PatchRequested patch) {
                patches.requested(patch, effects, turned);
            }
        }
        effects.forEach(effect -> effect.dispatch(this));
        for (WorkerConnection connection : workers.all()) {
            if (connection.isGone) {
                takeOver(connection);
            }
        }
    }

    private void hear(Event event, @Nullable WorkerConnection from) {
        WorkerId worker = workerOf(event);
        WorkerConnection on = event instanceof Event.WorkerJoined || worker == null ? from : workers.find(worker);
        workers.heard(event, on);
        if (on != null) {
            on.heardPeerMs = time.peerMs(); // Also by what was looked at for a while after it came.
            noteFailure(event, on);
        }
        if (event instanceof Event.WorkerJoined && on != null) {
            deaths.joined(on);
        }
        if (event instanceof Event.TaskSubmitted submission) {
            senders.submitted(submission, submitted.apply(submission.spec().id()));
            if (!submission.done().isEmpty()) {
                FoldOracle folding = folding(submission.spec().id());
                submission.done().forEach(folding::restored);
            }
        } else if (event instanceof Event.TaskRestored restored) {
            restored(restored);
        } else if (event instanceof Event.WorkerLeft left) {
            if (on != null) {
                deaths.left(on);
            }
            workers.close(left.worker());
        } else if (event instanceof Event.CreationFailed failed) {
            foldings.remove(failed.task());
        }
    }

    private static @Nullable WorkerId workerOf(Event event) {
        if (event instanceof Event.ResultsArrived answer) {
            return answer.worker();
        } else if (event instanceof Event.Heartbeat heartbeat) {
            return heartbeat.worker();
        } else if (event instanceof Event.ResultsOffered offer) {
            return offer.worker();
        } else if (event instanceof Event.SubtaskFailed failed) {
            return failed.worker();
        } else if (event instanceof Event.AnswerBroken broken) {
            return broken.worker();
        } else if (event instanceof Event.LeaseReleased released) {
            return released.worker();
        } else if (event instanceof Event.WorkerLeft left) {
            return left.worker();
        }
        return null;
    }

    private void restored(Event.TaskRestored restored) {
        SimulatedTask task = patches.restored(restored);
        Violation.unless(
                restored.spec().equals(task.spec()), () -> restored.spec() + " is restored, and was " + task.spec());
        FoldOracle folding = folding(task.id());
        restored.chunks().forEach(folding::restored);
    }

    private void noteFailure(Event event, WorkerConnection on) {
        if (event instanceof Event.SubtaskFailed failed && on.leases.containsKey(failed.lease())) {
            world.task(on.leases.get(failed.lease()).task).failed(failed.index(), failed.retryable());
        }
        if (event instanceof Event.AnswerBroken broken) {
            noteBroken(on, broken.lease(), broken.index());
        } else if (on.isTainted && event instanceof Event.ResultsArrived answer) {
            noteBroken(on, answer.lease(), null);
        } else if (on.isTainted && event instanceof Event.SubtaskFailed failed) {
            noteBroken(on, failed.lease(), null);
        }
    }

    /** What makes no sense for a lease is a failed attempt of something in it, or of what the worker runs. */
    private void noteBroken(WorkerConnection on, @Nullable Long number, @Nullable Long index) {
        WorkerConnection.Lease meant = number == null ? null : on.leases.get(number);
        if (meant != null && index != null && meant.from <= index && index < meant.to) {
            world.task(meant.task).failed(index, true);
            return;
        }
        for (WorkerConnection.Lease lease : meant == null ? on.leases.values() : List.of(meant)) {
            for (long each = lease.from; each < lease.to; each++) {
                world.task(lease.task).failed(each, true);
            }
        }
    }

    /** What the worker of a connection that is gone would be taken to have run, as long as the core does not know. */
    void takeOver(WorkerConnection connection) {
        WorkerId id = connection.id;
        WorkerSnapshot worker = id == null || core == null ? null : core().worker(id);
        if (id != null && worker != null) {
            connection.takenToRun = CoreInspection.running(core(), id);
            connection.openLast = connection.leases.entrySet().stream()
                    .filter(lease -> CoreInspection.isOpen(core(), id, lease.getKey()))
                    .map(Map.Entry::getValue)
                    .toList();
            connection.isProven = worker.subtasksDone() > 0;
            deaths.leaves(core());
        }
    }

    // What it says to senders: they hold it against what they know, see RequestAnswers and PlainAnswers.

    @Override
    public void on(Effect.TaskAccepted effect) {
        senders.on(effect);
    }

    @Override
    public void on(Effect.TaskRefused effect) {
        foldings.remove(effect.task()); // What was done of it was for nothing.
        senders.on(effect, core());
    }

    @Override
    public void on(Effect.PatchAnswered effect) {
        patches.on(effect);
    }

    @Override
    public void on(Effect.ReportProgress effect) {
        senders.on(effect);
    }

    @Override
    public void on(Effect.TaskEnded effect) {
        senders.on(effect);
        TaskId id = effect.task().spec().id();
        Violation.unless(core().find(id) == null, () -> id + " ended, but the core keeps it");
        foldings.remove(id);
    }

    // What it says to workers.

    @Override
    public void on(Effect.MakePayloads effect) {
        patches.leased(effect.task(), effect);
        workers.on(effect, core());
    }

    @Override
    public void on(Effect.DescribeTask effect) {
        workers.on(effect);
    }

    @Override
    public void on(Effect.Assign effect) {
        patches.leased(effect.task(), effect);
        workers.on(effect, core());
        deaths.assigned(Violation.ifNull(workers.find(effect.worker()), () -> effect + ", but it is not there"));
    }

    @Override
    public void on(Effect.Revoke effect) {
        workers.on(effect);
    }

    @Override
    public void on(Effect.CancelLease effect) {
        workers.on(effect);
    }

    @Override
    public void on(Effect.Ack effect) {
        workers.on(effect);
    }

    @Override
    public void on(Effect.CancelWork effect) {
        workers.on(effect);
    }

    @Override
    public void on(Effect.Forget effect) {
        workers.on(effect);
    }

    @Override
    public void on(Effect.RefuseMessage effect) {
        workers.on(effect);
    }

    @Override
    public void on(Effect.DropWorker effect) {
        workers.on(effect);
    }

    @Override
    public void on(Effect.GoAway effect) {
        workers.on(effect);
    }

    // What is to be done with results.

    private FoldOracle folding(TaskId id) {
        return foldings.computeIfAbsent(id, task -> new FoldOracle(world.task(task)));
    }

    @Override
    public void on(Effect.Fold effect) {
        FoldOracle folding = folding(effect.task());
        folding.fold(effect);
        requireCounted(folding);
    }

    @Override
    public void on(Effect.FoldCombined effect) {
        FoldOracle folding = folding(effect.task());
        folding.foldCombined(effect);
        requireCounted(folding);
    }

    @Override
    public void on(Effect.FoldFailed effect) {
        FoldOracle folding = folding(effect.task());
        folding.foldFailed(effect);
        requireCounted(folding);
    }

    /** Nothing is folded that the ledger does not count. */
    private void requireCounted(FoldOracle folding) {
        TaskSnapshot task = core().find(folding.task.id());
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
        folding(effect.task()).requireFinished();
    }

    @Override
    public void on(Effect.Persist effect) {
        Violation.unless(
                effect.commit() == lastCommit + 1,
                () -> "commit " + effect.commit() + " is asked for after " + lastCommit);
        lastCommit = effect.commit();
        if (effect.change() instanceof Change.TaskFinished finished) {
            patches.ends(finished.task().spec().id());
            Long finishedMs = finished.task().finishedMs();
            Violation.unless(
                    finishedMs != null && finishedMs >= lastFinishedMs,
                    () -> effect + ", but the last one finished at " + lastFinishedMs);
            lastFinishedMs = finishedMs == null ? 0 : finishedMs;
            deaths.requireFairVerdict(core(), finished.task());
        } else if (effect.change() instanceof Change.TaskAdvanced advanced) {
            FoldOracle folding = folding(advanced.task());
            advanced.chunks().forEach(folding::requireFolded);
        } else if (effect.change() instanceof Change.TaskCreated created) {
            TaskSpec spec = created.task().spec();
            Violation.unless(
                    spec.equals(world.task(spec.id()).spec()), () -> spec + " is created, and another was submitted");
        }
    }
}
