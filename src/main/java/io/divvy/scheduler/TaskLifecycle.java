package io.divvy.scheduler;

import io.divvy.scheduler.Event.TaskRestored;
import io.divvy.scheduler.Event.TaskSubmitted;
import io.divvy.scheduler.TaskState.Phase;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSnapshot.State;
import io.divvy.state.TaskSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A task from its submission to its end.
 *
 * <pre>
 *            TaskSubmitted       first lease          all done          CombineFinished
 *   submitted ────────► queued ─────────────► running ────────► (finishing) ────────► completed
 *       │                  │                     │                  │
 *       └► refused         └─────────────────────┴──────────────────┴► failed, cancelled
 * </pre>
 *
 * The first end wins. A task leaves the core when its end is durable.
 */
final class TaskLifecycle {
    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final Dispatcher dispatcher;
    private final DurabilityGate gate;
    private final Journal journal;
    private final TaskRooms rooms;
    private final Map<TaskId, TaskState> tasks = new HashMap<>();
    private final Map<SubmitKey, TaskState> bySubmitKey = new HashMap<>();
    /** Those of which somebody was told that they exist, the newest first. */
    private final NavigableMap<TaskPosition, TaskState> accepted = new TreeMap<>();

    private final Admission admission;
    private final ProgressReports reports;

    private long submissions;

    /** Whether anybody was told that one task exists. */
    static final class Acceptance {
        /** Submissions that wait to hear whether it was accepted. */
        private final List<Long> waitingRequests = new ArrayList<>(1);
        /** The commit that makes it durable that the task exists. */
        private long creationCommit;

        private boolean isAccepted;
        private boolean isGivenUp;

        /** Whether it is durable that it exists. */
        boolean isAccepted() {
            return isAccepted;
        }

        /** Whether the store gave it up before that: nothing of it is durable, whatever is committed. */
        boolean isGivenUp() {
            return isGivenUp;
        }
    }

    TaskLifecycle(CoreContext core, Dispatcher dispatcher, DurabilityGate gate, Journal journal, TaskRooms rooms) {
        this.limits = core.limits();
        this.timers = core.timers();
        this.outbox = core.outbox();
        this.dispatcher = dispatcher;
        this.gate = gate;
        this.journal = journal;
        this.rooms = rooms;
        this.admission = new Admission(limits);
        this.reports = new ProgressReports(core);
    }

    /** Returns the task if it is a new one. */
    @Nullable
    TaskState submit(TaskSubmitted submitted) {
        TaskSpec spec = submitted.spec();
        SubmitKey key = spec.submitKey();
        TaskState known = key == null ? null : bySubmitKey.get(key);
        if (key != null && known != null) {
            submitAgain(known, key, submitted);
            return null;
        }
        Refusal refusal = admission.refusal(submitted.size());
        if (refusal != null) {
            refuse(submitted.request(), spec.id(), refusal);
            return null;
        }
        TaskState task = new TaskState(spec, submitted.size(), submissions++, outbox.nowMs(), rooms);
        task.acceptance.waitingRequests.add(submitted.request());
        if (tasks.putIfAbsent(spec.id(), task) != null) {
            throw new IllegalArgumentException("task " + spec.id() + " exists; every submission has an id of its own");
        }
        admission.add(task);
        if (key != null) {
            bySubmitKey.put(key, task);
        }
        create(task);
        return task;
    }

    private void submitAgain(TaskState task, SubmitKey key, TaskSubmitted submitted) {
        if (!task.spec.fingerprint().equals(submitted.spec().fingerprint())) {
            refuse(
                    submitted.request(),
                    submitted.spec().id(),
                    Refusal.of(Refusal.Kind.CONFLICT, key.conflictWith(task.spec.id())));
        } else if (task.acceptance.isAccepted) {
            accept(task, submitted.request());
        } else {
            task.acceptance.waitingRequests.add(submitted.request());
        }
    }

    private void create(TaskState task) {
        Acceptance acceptance = task.acceptance;
        acceptance.creationCommit = gate.persist(new Change.TaskCreated(task.snapshot()));
        gate.afterCommit(acceptance.creationCommit, () -> {
            acceptance.isAccepted = true;
            accepted.put(task.position(), task);
            acceptance.waitingRequests.forEach(request -> accept(task, request));
            acceptance.waitingRequests.clear();
            reports.schedule(task);
        });
        watchTimes(task);
        moved(task);
    }

    /** A task of a former server goes on. Its indexes are where {@link TaskState#restore} put them. */
    TaskState restore(TaskRestored restored) {
        TaskState task = new TaskState(restored.spec(), restored.size(), submissions++, restored.submittedMs(), rooms);
        if (tasks.putIfAbsent(task.spec.id(), task) != null
                || task.spec.submitKey() != null && bySubmitKey.putIfAbsent(task.spec.submitKey(), task) != null) {
            throw new IllegalArgumentException("task " + task.spec.id() + " is restored twice");
        }
        admission.add(task);
        task.acceptance.isAccepted = true;
        accepted.put(task.position(), task);
        watchTimes(task);
        // Nobody can come back until the last task is restored, which may take long. Then is the first tick.
        task.deadlines.holdOff = timers.schedule(outbox.nowMs(), () -> holdOff(task));
        return task;
    }

    /** Workers that lost the former server come back with what they did for it. */
    private void holdOff(TaskState task) {
        task.deadlines.holdOff = timers.schedule(outbox.nowMs() + limits.holdOffMs(), () -> {
            task.deadlines.holdOff = null;
            moved(task);
        });
    }

    private void watchTimes(TaskState task) {
        if (task.spec.notBeforeMs() > outbox.nowMs()) {
            task.deadlines.notBefore = timers.schedule(task.spec.notBeforeMs(), () -> {
                task.deadlines.notBefore = null;
                moved(task);
            });
        }
        if (task.spec.timeoutMs() > 0) {
            task.deadlines.timeout = timers.schedule(task.submittedMs + task.spec.timeoutMs(), () -> timeOut(task));
        }
    }

    /** The store gave the task up before it was accepted. Whatever was done of it meanwhile was for nothing. */
    void creationFailed(long commit, TaskId id, String message) {
        gate.failed(commit);
        TaskState task = tasks.get(id);
        if (task == null || task.acceptance.creationCommit != commit) {
            return;
        }
        task.acceptance.isGivenUp = true;
        if (task.isOpen()) {
            cancelWork(task, State.CANCELLED, null);
        }
        forget(task);
        refuseAll(task, admission.busy(message));
    }

    /** The task may be changed, and takes another size in memory from now on; or this says why not. */
    @Nullable
    Refusal mayBePatched(TaskState task, long sizeBytes) {
        return task.acceptance.isAccepted
                ? admission.resize(task, sizeBytes)
                : admission.busy("task " + task.spec.id() + " is not durable yet; try again");
    }

    /** @param message why nothing new is taken, or null if all is well again */
    void storeFails(@Nullable String message) {
        admission.storeFails(message);
    }

    void combineFinished(TaskId id, Answer answer) {
        TaskState task = tasks.get(id);
        if (task != null && task.phase() == Phase.FINISHING) {
            end(task, State.COMPLETED, null, answer);
        }
    }

    void broke(TaskId id, TaskFailure failure) {
        TaskState task = tasks.get(id);
        if (task != null) {
            fail(task, failure);
        }
    }

    void cancel(TaskId id) {
        TaskState task = tasks.get(id);
        if (task != null && task.isOpen()) {
            end(task, State.CANCELLED, null, null);
        }
    }

    void fail(TaskState task, TaskFailure failure) {
        if (task.isOpen()) {
            end(task, State.FAILED, failure, null);
        }
    }

    private void timeOut(TaskState task) {
        fail(
                task,
                TaskFailure.of(
                        TaskFailure.Code.TIMEOUT,
                        "the task did not finish within its timeout of " + task.spec.timeoutMs() + " ms"));
    }

    void want(TaskId id, boolean wanted) {
        TaskState task = tasks.get(id);
        if (task != null) {
            reports.want(task, wanted);
        }
    }

    /** The open task of that id, or null if it is not known. */
    @Nullable
    TaskState find(TaskId id) {
        return tasks.get(id);
    }

    /** The task that has this key and has not left the core, or null. */
    @Nullable
    TaskState find(SubmitKey key) {
        return bySubmitKey.get(key);
    }

    /** The accepted tasks behind a position, or all, the newest first. */
    Iterable<TaskState> acceptedAfter(@Nullable TaskPosition position) {
        return (position == null ? accepted : accepted.tailMap(position, false)).values();
    }

    Iterable<TaskState> all() {
        return tasks.values();
    }

    int count() {
        return tasks.size();
    }

    /** What all of them take in memory. */
    long openBytes() {
        return admission.openBytes();
    }

    /** To be called when indexes of the task moved: it may be ready, worth a report, or complete. */
    void moved(TaskState task) {
        dispatcher.refresh(task);
        if (!task.isActive()) {
            return;
        }
        String flaw = task.indexes.flaw();
        if (flaw != null) {
            // Its answer could be wrong, and nobody would know.
            fail(task, TaskFailure.of(TaskFailure.Code.INTERNAL, flaw));
            return;
        }
        reports.schedule(task);
        if (task.indexes.isComplete()) {
            finish(task);
        }
    }

    /** A task that never had a subtask has nothing that could have failed: its answer is that of no results. */
    private void finish(TaskState task) {
        if (task.indexes.done() == 0 && task.indexes.total() > 0) {
            fail(
                    task,
                    TaskFailure.of(
                            TaskFailure.Code.SUBTASK_FAILED,
                            "none of the " + task.indexes.total() + " subtasks succeeded; the last failure: "
                                    + task.lastFailure()));
            return;
        }
        task.finish();
        if (task.indexes.ledger().failed() > 0) {
            journal.saveLast(task); // Who runs it again need not do the others again.
        }
        journal.complete(task);
        outbox.emit(new Effect.Finish(task.spec.id()));
    }

    private void end(TaskState task, State state, @Nullable TaskFailure failure, @Nullable Answer answer) {
        List<Effect.Ack> acks = cancelWork(task, state, failure);
        TaskSnapshot last = task.snapshot();
        gate.afterCommit(gate.persist(new Change.TaskFinished(last, answer)), () -> {
            if (tasks.get(task.spec.id()) != task) {
                return; // Its creation failed, and so its end was given up with it.
            }
            journal.tell(task, acks);
            forget(task);
            remove(task);
            outbox.emit(new Effect.TaskEnded(last, answer));
        });
    }

    /** Takes the task away from all that runs it. Returns what its workers are to hear once its end is durable. */
    private List<Effect.Ack> cancelWork(TaskState task, State state, @Nullable TaskFailure failure) {
        cancelLeases(task);
        reports.stop(task);
        journal.saveLast(task);
        List<Effect.Ack> acks = journal.end(task);
        task.histories.forget(0, Long.MAX_VALUE).forEach(timers::cancel);
        task.deadlines.cancel(timers);
        task.end(state, failure, outbox.nowMs());
        dispatcher.end(task);
        return acks;
    }

    /** Workers need not keep anything for it any more. Before its end is durable they do: it may have to be done again. */
    private void forget(TaskState task) {
        for (WorkerView worker : task.knownBy) {
            worker.forget(task);
            dispatcher.offer(worker); // It may have stood still on the task.
            outbox.emit(new Effect.Forget(worker.id, task.spec.id()));
        }
        task.knownBy.clear();
    }

    private void remove(TaskState task) {
        if (tasks.remove(task.spec.id(), task)) {
            admission.remove(task);
            task.forgetFailures();
        }
        accepted.remove(task.position());
        if (task.spec.submitKey() != null) {
            bySubmitKey.remove(task.spec.submitKey());
        }
    }

    /** Frees the credit that the leases of an ending task hold, and tells their workers to stop. */
    private void cancelLeases(TaskState task) {
        Set<WorkerView> holders = new LinkedHashSet<>();
        for (Lease lease : List.copyOf(task.leases.values())) {
            lease.endUnanswered(timers, limits.expiredLeases());
            holders.add(lease.worker);
        }
        for (WorkerView worker : holders) {
            if (!worker.plain) {
                outbox.emit(new Effect.CancelWork(worker.id, task.spec.id()));
            }
            dispatcher.offer(worker);
        }
    }

    private void accept(TaskState task, long request) {
        outbox.emit(new Effect.TaskAccepted(request, task.spec.id(), task.indexes.total()));
    }

    private void refuseAll(TaskState task, Refusal refusal) {
        remove(task);
        List.copyOf(task.acceptance.waitingRequests).forEach(request -> refuse(request, task.spec.id(), refusal));
    }

    private void refuse(long request, TaskId task, Refusal refusal) {
        outbox.emit(new Effect.TaskRefused(request, task, refusal));
    }
}
