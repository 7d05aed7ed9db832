package io.divvy.scheduler;

import io.divvy.scheduler.Chunk.Part;
import io.divvy.scheduler.Event.PayloadsReady;
import io.divvy.scheduler.Event.ResultsArrived;
import io.divvy.scheduler.Event.SubtaskFailed;
import io.divvy.scheduler.TaskSpec.FoldOrder;
import io.divvy.scheduler.TaskSpec.OnFailure;
import io.divvy.scheduler.WorkerView.EndedLease;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What happens to a lease after it was granted: answers, failures, time that runs out, a worker that goes away. Every
 * result counts once here, or not at all.
 */
final class LeaseBook {
    private final Limits limits;
    private final RetryPolicy retryPolicy;
    private final SplittableRandom random;
    private final Timers timers;
    private final Outbox outbox;
    private final Dispatcher dispatcher;
    private final TaskLifecycle tasks;

    LeaseBook(
            Limits limits,
            RetryPolicy retryPolicy,
            SplittableRandom random,
            Timers timers,
            Outbox outbox,
            Dispatcher dispatcher,
            TaskLifecycle tasks) {
        this.limits = limits;
        this.retryPolicy = retryPolicy;
        this.random = random;
        this.timers = timers;
        this.outbox = outbox;
        this.dispatcher = dispatcher;
        this.tasks = tasks;
    }

    void answer(WorkerView worker, ResultsArrived answer) {
        Lease lease = worker.leases.get(answer.lease());
        if (lease == null) {
            answerLate(worker, answer);
            return;
        }
        long from = answer.from();
        long to = answer.to();
        if (!lease.covers(from, to)) {
            outbox.refuse(
                    worker, Problem.Kind.BAD_MESSAGE, outside(lease.number, from, to, new Range(lease.from, lease.to)));
            return;
        }
        if (lease.wouldSplit(from, to) && lease.unanswered.rangeCount() >= limits.gapsPerLease()) {
            outbox.refuse(
                    worker,
                    Problem.Kind.LIMIT_EXCEEDED,
                    "lease " + lease.number + ": more than " + limits.gapsPerLease()
                            + " separate gaps are unanswered; answer lower indexes first");
            return;
        }
        TaskState task = lease.task;
        long answered = lease.unanswered.remove(from, to);
        if (answered > 0) {
            worker.freeCredit(answered);
            worker.measure(task.spec.type(), answered, outbox.nowMs());
            goesOn(worker);
            closeIfAnswered(lease);
        }
        count(task, from, to, answer.results(), answer.from());
        dispatcher.offer(worker);
    }

    /** An answer to a lease that ended: the work is done, so it counts wherever its indexes are open. */
    private void answerLate(WorkerView worker, ResultsArrived answer) {
        EndedLease ended = worker.endedLease(answer.lease());
        if (ended == null) {
            refuseUnknownLease(worker, answer.lease());
            return;
        }
        if (!ended.covers(answer.from(), answer.to())) {
            outbox.refuse(
                    worker,
                    Problem.Kind.BAD_MESSAGE,
                    outside(answer.lease(), answer.from(), answer.to(), new Range(ended.from(), ended.to())));
            return;
        }
        settleDebt(worker, answer.lease());
        if (ended.task().isActive()) {
            count(ended.task(), answer.from(), answer.to(), answer.results(), answer.from());
        }
    }

    void fail(WorkerView worker, SubtaskFailed failure) {
        Lease lease = worker.leases.get(failure.lease());
        long index = failure.index();
        if (lease == null) {
            // The index is somebody else's by now; only an unknown number is worth a complaint.
            if (worker.endedLease(failure.lease()) == null) {
                refuseUnknownLease(worker, failure.lease());
            } else {
                settleDebt(worker, failure.lease());
            }
            return;
        }
        if (!lease.covers(index, index + 1)) {
            outbox.refuse(
                    worker,
                    Problem.Kind.BAD_MESSAGE,
                    outside(lease.number, index, index + 1, new Range(lease.from, lease.to)));
            return;
        }
        if (lease.unanswered.remove(index, index + 1) == 0) {
            return;
        }
        worker.freeCredit(1);
        goesOn(worker);
        closeIfAnswered(lease);
        if (lease.chunk.leased.contains(index)) {
            countAttempt(lease.task, lease.chunk, index, worker, failure.message(), failure.retryable());
        }
        dispatcher.offer(worker);
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
        if (task == null || !worker.decline(task)) {
            return;
        }
        for (Lease lease : List.copyOf(worker.leases.values())) {
            if (lease.task == task) {
                lease.abandon(timers);
                giveBackUnanswered(lease);
            }
        }
        dispatcher.offer(worker);
    }

    /**
     * The lease stood still for too long: it is closed, and what it held goes elsewhere. A worker that hangs costs one
     * subtask one attempt, and then it gets nothing until it goes on: it must not use up the attempts of innocent ones.
     */
    void expire(Lease lease) {
        WorkerView worker = lease.worker;
        TaskState task = lease.task;
        long leaseMs = dispatcher.leaseMs(worker, task);
        long dueMs = worker.lastProgressMs + leaseMs;
        if (!worker.plain && dueMs > outbox.nowMs()) {
            dispatcher.watch(lease, dueMs);
            return;
        }
        boolean wasRunning = !worker.plain && worker.owedLease == null && worker.isOldestAssigned(lease);
        long culprit = lease.unanswered.firstIndex();
        endUnanswered(lease);
        if (wasRunning) {
            worker.owedLease = lease.number;
        }
        if (wasRunning && lease.chunk.returned.contains(culprit)) {
            countAttempt(
                    task,
                    lease.chunk,
                    culprit,
                    worker,
                    "no answer and no progress for " + leaseMs + " ms, twice the subtask timeout",
                    true);
        }
        dispatcher.offer(worker);
    }

    /** The worker is gone. Its leases are pending again; what it can have been running is suspected of its death. */
    void leave(WorkerView worker) {
        worker.gone = true;
        timers.cancel(worker.heartbeatTimer);
        dispatcher.leave(worker);
        worker.knownTasks.forEach(task -> task.knownBy.remove(worker));
        List<Running> suspects = suspects(worker);
        for (Lease lease : List.copyOf(worker.leases.values())) {
            endUnanswered(lease);
        }
        for (Running suspect : suspects) {
            // Somebody else may have answered it, and the one before it may have failed the task.
            if (suspect.lease.task.isActive() && suspect.lease.chunk.returned.contains(suspect.index)) {
                countDeath(suspect.lease, suspect.index);
            }
        }
    }

    /** A subtask that a worker can have been running. */
    private record Running(Lease lease, long index) {
        boolean wasSuspected() {
            return lease.task.isSuspect(index);
        }
    }

    /** What a worker can have died of: what it was running, or of that only what was suspected before. */
    private static List<Running> suspects(WorkerView worker) {
        int most = worker.draining ? 0 : worker.slots;
        List<Running> running = new ArrayList<>();
        for (Lease lease : worker.leases.values()) {
            if (lease.isAssigned) {
                for (Range range : lease.unanswered.toList()) {
                    for (long index = range.from(); index < range.to() && running.size() < most; index++) {
                        running.add(new Running(lease, index));
                    }
                }
            }
        }
        List<Running> suspected = running.stream().filter(Running::wasSuspected).toList();
        return suspected.isEmpty() ? running : suspected;
    }

    private void countDeath(Lease lease, long index) {
        TaskState task = lease.task;
        SubtaskHistory history = task.history(index);
        history.deaths++;
        task.suspect(index);
        if (history.deaths >= limits.deathsUntilPoison()) {
            giveUp(
                    task,
                    lease.chunk,
                    index,
                    new TaskFailure(
                            TaskFailure.Code.SUBTASK_POISONOUS,
                            "subtask " + index + ": " + history.deaths
                                    + " workers went away while they were running it, the last one was "
                                    + lease.worker.name,
                            index,
                            lease.worker.name,
                            history.attempts + history.deaths));
        } else {
            task.retries++;
        }
    }

    /** The payloads of a lease are there, perhaps not all of them: its worker gets it. */
    void send(Lease lease, PayloadsReady ready) {
        if (ready.to() < lease.to) {
            shorten(lease, ready.to());
        }
        if (lease.unanswered.isEmpty()) {
            // The worker guessed its number, and answered before it was asked.
            lease.close(timers);
        } else {
            dispatcher.assign(lease, ready.payloads());
        }
        dispatcher.offer(lease.worker);
    }

    /** Shortens a lease from behind: these indexes were never sent. */
    private void shorten(Lease lease, long to) {
        long oldTo = lease.to;
        lease.to = to;
        lease.worker.freeCredit(lease.unanswered.remove(to, oldTo));
        lease.task.giveBack(lease.chunk, to, oldTo);
    }

    /** Counts results wherever their indexes are open; the others are duplicates. */
    private void count(TaskState task, long from, long to, Results results, long resultsFrom) {
        Chunk chunk = task.openChunkOf(from);
        List<Range> open = chunk == null || !task.isActive() ? List.of() : chunk.closed.gapsWithin(from, to);
        long counted = 0;
        for (Range range : open) {
            counted += range.size();
            long sizeBytes = results.sizeBytes() * range.size() / (to - from);
            settle(task, chunk, new Part(range.from(), range.to(), results, resultsFrom, sizeBytes));
        }
        task.duplicates += to - from - counted;
        tasks.moved(task);
    }

    private void countAttempt(
            TaskState task, Chunk chunk, long index, WorkerView worker, String message, boolean retryable) {
        SubtaskHistory history = task.history(index);
        history.attempts++;
        if (!retryable || history.attempts >= task.spec.maxAttempts()) {
            giveUp(
                    task,
                    chunk,
                    index,
                    new TaskFailure(
                            TaskFailure.Code.SUBTASK_FAILED,
                            "subtask " + index + " failed on " + worker.name + ": " + message,
                            index,
                            worker.name,
                            history.attempts));
            return;
        }
        long dueMs = outbox.nowMs() + retryPolicy.delayMs(history.attempts, random);
        task.startBackoff(chunk, index, history, timers.schedule(dueMs, () -> {
            task.endBackoff(chunk, index, history);
            tasks.moved(task);
        }));
        if (task.waiting() > limits.waitingRetries()) {
            tasks.fail(
                    task,
                    TaskFailure.of(
                            TaskFailure.Code.LIMIT_EXCEEDED,
                            "more than " + limits.waitingRetries() + " failed subtasks wait for a retry; the last one: "
                                    + message));
            return;
        }
        tasks.moved(task);
    }

    /** A subtask is out of attempts. */
    private void giveUp(TaskState task, Chunk chunk, long index, TaskFailure failure) {
        if (task.spec.onFailure() == OnFailure.FAIL) {
            tasks.fail(task, failure);
            return;
        }
        task.lastFailure = failure.message();
        settle(task, chunk, new Part(index, index + 1, null, index, 0));
        if (task.failedRangeCount() > limits.failedRanges()) {
            tasks.fail(
                    task,
                    TaskFailure.of(
                            TaskFailure.Code.LIMIT_EXCEEDED,
                            "more than " + limits.failedRanges() + " separate ranges of subtasks failed; the last one: "
                                    + failure.message()));
            return;
        }
        tasks.moved(task);
    }

    /** Closes open indexes and passes their results on to the fold, in the order that the task asks for. */
    private void settle(TaskState task, Chunk chunk, Part part) {
        task.dropHistories(part.from(), part.to()).forEach(timers::cancel);
        task.close(chunk, part.from(), part.to(), part.results() != null);
        if (task.spec.foldOrder() == FoldOrder.ANY) {
            fold(task, chunk, part);
        } else {
            chunk.addEarly(part);
            task.bufferedBytes += part.sizeBytes();
            for (Part next = chunk.pollNext(); next != null; next = chunk.pollNext()) {
                task.bufferedBytes -= next.sizeBytes();
                fold(task, chunk, next);
            }
        }
        if (chunk.isComplete()) {
            outbox.emit(new Effect.CloseChunk(task.spec.id(), chunk.number));
        }
    }

    private void fold(TaskState task, Chunk chunk, Part part) {
        TaskId id = task.spec.id();
        Results results = part.results();
        outbox.emit(
                results == null
                        ? new Effect.FoldFailed(id, chunk.number, part.from(), part.to())
                        : new Effect.Fold(id, chunk.number, part.from(), part.to(), results, part.resultsFrom()));
    }

    /** The worker answered something that was not answered, or started something new: it does not hang. */
    private void goesOn(WorkerView worker) {
        worker.lastProgressMs = outbox.nowMs();
        worker.owedLease = null;
    }

    private void closeIfAnswered(Lease lease) {
        if (lease.unanswered.isEmpty()) {
            lease.close(timers);
        }
    }

    /** Ends a lease with something unanswered: that is pending again. */
    private void endUnanswered(Lease lease) {
        lease.endUnanswered(timers, limits.expiredLeases());
        giveBackUnanswered(lease);
    }

    private void giveBackUnanswered(Lease lease) {
        for (Range range : lease.unanswered.toList()) {
            lease.task.giveBack(lease.chunk, range.from(), range.to());
        }
        tasks.moved(lease.task);
    }

    /** A worker gave the answer that it owed, so it may get something new. */
    private void settleDebt(WorkerView worker, long leaseNumber) {
        if (worker.owedLease != null && worker.owedLease == leaseNumber) {
            goesOn(worker);
            dispatcher.offer(worker);
        }
    }

    private void refuseUnknownLease(WorkerView worker, long number) {
        outbox.refuse(
                worker,
                Problem.Kind.UNKNOWN_LEASE,
                "lease " + number + " is not open in this session; answer only leases that were assigned to it");
    }

    private static String outside(long lease, long from, long to, Range range) {
        return "lease " + lease + " holds the indexes " + range + ", got an answer for [" + from + ", " + to + ")";
    }
}
