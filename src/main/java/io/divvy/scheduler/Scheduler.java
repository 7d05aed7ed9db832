package io.divvy.scheduler;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskFailures;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskSnapshot;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Shares out the subtasks of tasks among workers. In come events and the time, out go effects; nothing else happens.
 *
 * <p>Its parts, each of which knows only those before it: {@link Journal} says when what counts is saved, {@link Dispatcher}
 * chooses who gets what, {@link TaskLifecycle} takes a task from its submission to its end, {@link Accounting} says which results
 * and failures count, {@link LeaseBook} grants what was chosen and takes it back, {@link LeaseAnswers} and {@link ResultOffers}
 * hear what came of it, and {@link Workers} come and go.
 *
 * <p>Not thread-safe: one thread calls it.
 */
public final class Scheduler {
    final Timers timers = new Timers();
    final DurabilityGate gate;
    final Journal journal;
    final WorkerRoom room;
    final TaskRooms rooms;
    final Trials trials;
    final Dispatcher dispatcher;
    final TaskLifecycle tasks;
    final WorkerDeaths deaths;
    final Workers workers;
    private final Limits limits;
    private final Outbox outbox = new Outbox();
    private final Patches patches;
    private final Accounting accounting;
    private final LeaseBook leases;
    private final LeaseAnswers answers;
    private final ResultOffers offers;
    private final Event.Handler onEvent = new OnEvent();

    /**
     * @param savesProgress whether to hand the store how far unfinished tasks came; of no use if it forgets all when the
     *     process ends
     * @param seed of the jitter of retries: the same events with the same seed give the same effects
     */
    public Scheduler(Limits limits, RetryPolicy retryPolicy, boolean savesProgress, long seed) {
        this.limits = limits;
        CoreContext core = new CoreContext(limits, timers, outbox);
        this.gate = new DurabilityGate(outbox);
        this.journal = new Journal(core, gate, this::isConnected, savesProgress);
        this.room = new WorkerRoom(limits);
        this.rooms = new TaskRooms(limits);
        this.trials = new Trials(core, new Takers());
        this.dispatcher = new Dispatcher(core, journal, room, trials, this::grant);
        this.tasks = new TaskLifecycle(core, dispatcher, gate, journal, rooms);
        this.patches = new Patches(core, tasks, dispatcher, gate);
        Quarantine quarantine = new Quarantine(core, dispatcher::offer);
        this.accounting = new Accounting(core, new Backoff(retryPolicy, seed), tasks, journal, quarantine);
        this.deaths = new WorkerDeaths(core, trials, quarantine, accounting);
        HoldWatch holds = new HoldWatch(core, dispatcher, tasks);
        this.leases = new LeaseBook(core, dispatcher, tasks, accounting, holds);
        this.answers = new LeaseAnswers(core, dispatcher, tasks, accounting, leases);
        this.offers = new ResultOffers(core, dispatcher, tasks, accounting, answers);
        this.workers = new Workers(core, room, dispatcher, leases, deaths);
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
        workers.dropIdleLeavers(); // Before, as who leaves makes room for others.
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

    /** An unfinished task as it stands, or null if there is none. An end that is not durable yet does not show. */
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

    /**
     * The task of a worker's open or ended lease that all of {@code [from, to)} belongs to; null if there is none, so that what
     * the worker says of these subtasks cannot count.
     */
    public @Nullable TaskId taskOf(WorkerId id, long lease, long from, long to) {
        WorkerView worker = workers.find(id);
        return worker == null ? null : worker.taskOf(lease, from, to);
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
                : new Explainer(limits, journal.isFull(), workers.all(), dispatcher.readyInOrder()).explain(task);
    }

    /** What is remembered of the failed attempts of an unfinished task, or null if there is nothing. */
    public @Nullable TaskFailures failures(TaskId id) {
        TaskState task = tasks.find(id);
        return task == null ? null : task.failures();
    }

    /** The connected workers, in the order in which they joined. */
    public List<WorkerSnapshot> workers() {
        return workers.all().stream()
                .map(WorkerView::snapshot)
                .sorted(Comparator.comparingLong(worker -> worker.id().value()))
                .toList();
    }

    /** A connected worker, or null. */
    public @Nullable WorkerSnapshot worker(WorkerId id) {
        WorkerView worker = workers.find(id);
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
        return workers.count();
    }

    private void grant(Grant copy) {
        leases.grant(copy);
    }

    private boolean isConnected(WorkerId id) {
        return workers.isConnected(id);
    }

    private final class OnEvent implements Event.Handler {
        @Override
        public void on(Event.TaskSubmitted event) {
            Restoration.submit(event, tasks, accounting, outbox.nowMs());
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
        public void on(Event.PatchRequested event) {
            patches.patch(event);
        }

        @Override
        public void on(Event.ProgressWanted event) {
            tasks.want(event.task(), event.wanted());
        }

        @Override
        public void on(Event.WorkerJoined event) {
            workers.join(event);
        }

        @Override
        public void on(Event.WorkerLeft event) {
            WorkerView worker = workers.find(event.worker());
            if (worker != null) {
                workers.leave(worker, event.reason());
            }
        }

        @Override
        public void on(Event.ExitCodeTold event) {
            WorkerView worker = workers.find(event.worker());
            if (worker != null) {
                deaths.tellExitCode(worker.identity, event.exitCode());
            }
        }

        @Override
        public void on(Event.AnswerBroken event) {
            WorkerView worker = workers.seen(event.worker());
            if (worker != null) {
                answers.broke(worker, event);
            }
        }

        @Override
        public void on(Event.WorkerDraining event) {
            WorkerView worker = workers.seen(event.worker());
            if (worker != null) {
                workers.drains(worker);
            }
        }

        @Override
        public void on(Event.WorkerDrainRequested event) {
            WorkerView worker = workers.find(event.worker());
            if (worker != null) {
                workers.askToDrain(worker);
            }
        }

        @Override
        public void on(Event.SplitDeclined event) {
            WorkerView worker = workers.seen(event.worker());
            if (worker != null) {
                leases.decline(worker, event.task());
            }
        }

        @Override
        public void on(Event.Heartbeat event) {
            WorkerView worker = workers.seen(event.worker());
            if (worker != null) {
                event.nextIndexes().forEach((lease, next) -> leases.advance(worker, lease, next));
            }
        }

        @Override
        public void on(Event.ResultsArrived event) {
            WorkerView worker = workers.seen(event.worker());
            if (worker != null) {
                answers.answer(worker, event);
            }
        }

        @Override
        public void on(Event.ResultsOffered event) {
            WorkerView worker = workers.seen(event.worker());
            if (worker != null) {
                offers.take(worker, event);
            }
        }

        @Override
        public void on(Event.OfferUnusable event) {
            WorkerView worker = workers.seen(event.worker());
            if (worker != null) {
                offers.refuse(worker, event);
            }
        }

        @Override
        public void on(Event.LeaseReleased event) {
            WorkerView worker = workers.seen(event.worker());
            if (worker != null) {
                leases.release(worker, event);
            }
        }

        @Override
        public void on(Event.SubtaskFailed event) {
            WorkerView worker = workers.seen(event.worker());
            if (worker != null) {
                answers.fail(worker, event);
            }
        }

        @Override
        public void on(Event.TaskRestored event) {
            TaskState task = tasks.restore(event);
            Restoration.restore(task, event, accounting, outbox.nowMs());
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
}
