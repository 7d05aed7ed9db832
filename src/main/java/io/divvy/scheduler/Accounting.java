package io.divvy.scheduler;

import io.divvy.state.ChunkProgress;
import io.divvy.state.FailedAttempt;
import io.divvy.state.FailedAttempt.Verdict;
import io.divvy.state.Part;
import io.divvy.state.Range;
import io.divvy.state.Results;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSpec.EarlyEnd;
import io.divvy.state.TaskSpec.FoldOrder;
import io.divvy.state.TaskSpec.OnFailure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says of each result and each failure whether it counts. An index counts once, or not at all. */
final class Accounting {
    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final Backoff backoff;
    private final TaskLifecycle tasks;
    private final Journal journal;
    private final Quarantine quarantine;

    Accounting(CoreContext core, Backoff backoff, TaskLifecycle tasks, Journal journal, Quarantine quarantine) {
        this.limits = core.limits();
        this.timers = core.timers();
        this.outbox = core.outbox();
        this.backoff = backoff;
        this.tasks = tasks;
        this.journal = journal;
        this.quarantine = quarantine;
    }

    /**
     * Counts results of one chunk wherever their indexes are open; the others are duplicates.
     *
     * @param answered the indexes that the results are of, which may be those of several chunks: each chunk is charged its
     *     share of their bytes
     */
    void count(TaskState task, long from, long to, Results results, Range answered) {
        Chunk chunk = task.indexes.openChunkOf(from);
        long counted = 0;
        if (chunk != null && task.isActive()) {
            for (Range range : chunk.closed.gapsWithin(from, to)) {
                counted += range.size();
                long sizeBytes = results.sizeBytes() * range.size() / answered.size();
                close(task, chunk, Part.each(range, results, answered.from(), sizeBytes));
            }
        }
        task.countDuplicates(to - from - counted);
        tasks.moved(task);
    }

    /**
     * Counts one result for several indexes if all of them are open. Returns whether it did.
     *
     * @param isWhole false if some of them were answered before, so that it cannot count
     */
    boolean countCombined(TaskState task, long from, long to, Results results, boolean isWhole) {
        Chunk chunk = task.indexes.openChunkOf(from);
        if (chunk != null
                && task.isActive()
                && isWhole
                && chunk.closed.within(from, to).isEmpty()) {
            close(task, chunk, Part.combined(from, to, results));
            tasks.moved(task);
            return true;
        }
        long open = chunk == null
                ? 0
                : chunk.closed.gapsWithin(from, to).stream()
                        .mapToLong(Range::size)
                        .sum();
        task.countDuplicates(to - from - open);
        return false;
    }

    /** Tells the worker that it need not keep these results any more, once that is durable. */
    void acknowledge(WorkerView worker, @Nullable Long lease, TaskState task, long from, long to) {
        if (worker.acks) {
            journal.acknowledge(task, new Effect.Ack(worker.id, lease, task.spec.id(), from, to));
        }
    }

    /** One attempt of an open index of the lease failed: it comes back after a while, or it is out of attempts. */
    void countAttempt(Lease lease, long index, FailedAttempt.Said said, boolean retryable) {
        TaskState task = lease.task;
        Chunk chunk = lease.chunk;
        SubtaskHistory history = task.histories.of(index);
        history.attempts++;
        journal.attempted(task, chunk);
        boolean isLast = !retryable || history.attempts >= task.spec.maxAttempts();
        Verdict verdict = isLast ? Verdict.FAILED : Verdict.RETRIED;
        task.remember(new FailedAttempt(index, history.attempts, verdict, said, outbox.nowMs()));
        if (isLast) {
            giveUp(
                    task,
                    chunk,
                    index,
                    new TaskFailure(
                            TaskFailure.Code.SUBTASK_FAILED,
                            "subtask " + index + " failed on " + said.worker() + ": " + said.message(),
                            index,
                            said.worker(),
                            history.attempts));
            return;
        }
        if (chunk.holders(index) > 0) {
            // Another worker runs it too: that is the next attempt.
            task.countRetry();
            return;
        }
        long dueMs = outbox.nowMs() + backoff.delayMs(history.attempts);
        task.countRetry();
        task.indexes.startBackoff(chunk, index, history, timers.schedule(dueMs, () -> {
            task.indexes.endBackoff(chunk, index, history, outbox.nowMs());
            tasks.moved(task);
        }));
        if (task.indexes.waiting() > limits.waitingRetries()) {
            tasks.fail(
                    task,
                    TaskFailure.of(
                            TaskFailure.Code.LIMIT_EXCEEDED,
                            "more than " + limits.waitingRetries() + " failed subtasks wait for a retry; the last one: "
                                    + said.message()));
            return;
        }
        tasks.moved(task);
    }

    /** A worker died that can have been running an open index, which is given back. */
    SubtaskHistory suspect(TaskState task, Chunk chunk, long index) {
        SubtaskHistory history = task.histories.suspect(index);
        journal.attempted(task, chunk);
        if (task.histories.needsTrial(index) && !history.awaitsTrial) {
            task.indexes.putOnTrial(chunk, index, outbox.nowMs());
        }
        tasks.moved(task);
        return history;
    }

    /** The worker that can have been running it did not die. */
    void takeBack(Losses.Suspect suspect, WorkerIdentity worker) {
        TaskState task = tasks.find(suspect.task());
        Chunk chunk = task == null || !task.isActive() ? null : task.indexes.openChunkOf(suspect.index());
        if (task == null || chunk == null || !task.histories.takeBack(suspect, worker)) {
            return;
        }
        journal.attempted(task, chunk);
        if (task.histories.awaitsTrial(suspect.index()) && !task.histories.needsTrial(suspect.index())) {
            task.indexes.takeOffTrial(chunk, suspect.index());
        }
        tasks.moved(task);
    }

    /** A subtask took down so many workers that it gets no more, and is to blame for their deaths. */
    void convict(TaskState task, Chunk chunk, long index, WorkerView last, Deaths deaths) {
        SubtaskHistory history = task.histories.of(index);
        quarantine.exonerate(List.copyOf(history.met()));
        String message =
                "it was all that workers ran when they died, " + deaths.count() + " times: " + deaths.inWords();
        int attempts = history.attempts + history.suspicions;
        FailedAttempt.Said said = new FailedAttempt.Said(last.name, message, null);
        task.remember(new FailedAttempt(index, attempts, Verdict.POISONOUS, said, outbox.nowMs()));
        giveUp(
                task,
                chunk,
                index,
                new TaskFailure(
                        TaskFailure.Code.SUBTASK_POISONOUS,
                        "subtask " + index + ": " + message,
                        index,
                        last.name,
                        attempts));
    }

    /** A subtask is out of attempts. */
    private void giveUp(TaskState task, Chunk chunk, long index, TaskFailure failure) {
        if (task.spec.onFailure() == OnFailure.FAIL && task.indexes.needs(index)) {
            tasks.fail(task, failure);
            return;
        }
        task.goesOnAfter(failure);
        close(task, chunk, Part.failed(index, index + 1));
        if (task.indexes.failedRangeCount() > limits.failedRanges()) {
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
    private void close(TaskState task, Chunk chunk, Part part) {
        task.histories.forget(part.from(), part.to()).forEach(timers::cancel);
        task.indexes.close(chunk, part.from(), part.to(), part.results() != null);
        foldInOrder(task, chunk, part);
        journal.closed(task, chunk, part);
        endEarly(task, part);
    }

    /** Takes up the results of a restored chunk that its accumulator does not have yet. */
    void restore(TaskState task, Chunk chunk, ChunkProgress progress) {
        List<Part> parts = new ArrayList<>(progress.parts());
        for (Range failed : progress.failed()) {
            if (failed.from() >= progress.foldedTo()) {
                parts.add(Part.failed(failed.from(), failed.to()));
            }
        }
        parts.sort(Comparator.comparingLong(Part::from));
        parts.forEach(part -> foldInOrder(task, chunk, part));
        if (chunk.isComplete()) {
            outbox.emit(new Effect.CloseChunk(task.spec.id(), chunk.number));
        }
    }

    private void foldInOrder(TaskState task, Chunk chunk, Part part) {
        if (task.spec.foldOrder() == FoldOrder.ANY) {
            fold(task, chunk, part);
        } else if (!chunk.isNext(part)) {
            chunk.addEarly(part);
            task.early.change(part.earlyBytes());
        } else {
            foldNext(task, chunk, part);
            for (Part next = chunk.pollNext(); next != null; next = chunk.pollNext()) {
                task.early.change(-next.earlyBytes());
                foldNext(task, chunk, next);
            }
        }
    }

    private void foldNext(TaskState task, Chunk chunk, Part part) {
        chunk.passed(part);
        fold(task, chunk, part);
    }

    private void fold(TaskState task, Chunk chunk, Part part) {
        TaskId id = task.spec.id();
        Results results = part.results();
        if (results == null) {
            outbox.emit(new Effect.FoldFailed(id, chunk.number, part.from(), part.to()));
        } else if (part.combined()) {
            outbox.emit(new Effect.FoldCombined(id, chunk.number, part.from(), part.to(), results));
        } else {
            outbox.emit(Effect.Fold.of(id, chunk.number, part, results));
        }
    }

    /** A task that needs one result only is told what lies above it. */
    private void endEarly(TaskState task, Part part) {
        if (task.spec.earlyEnd() == EarlyEnd.NONE) {
            return;
        }
        long found = part.firstNonNull();
        if (found < 0 || !task.indexes.limitTo(task.spec.earlyEnd() == EarlyEnd.ANY ? 0 : found + 1)) {
            return;
        }
        if (task.indexes.isComplete()) {
            return; // It ends now, and its workers are told to stop.
        }
        for (Lease lease : task.leases.values()) {
            if (lease.to > task.indexes.limit()) {
                lease.revoke(Math.max(lease.from, task.indexes.limit()), outbox);
            }
        }
    }
}
