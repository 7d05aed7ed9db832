package io.divvy.scheduler;

import io.divvy.state.ChunkProgress;
import io.divvy.state.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What is done and not durable yet. It is saved in the background, all of a task together, one commit of a task at a time; so
 * a slow store makes for larger commits, not for more. Workers hear of it once it is durable.
 *
 * <p>A task that ends is saved as a whole. What was on its way for it, and is not saved by then, never needs to be.
 */
final class Journal {
    /** About what one answer takes beside its results while it is not saved. */
    private static final long ANSWER_BYTES = 64;
    /** Acks that may wait for the store beside those of answers that count: a few megabytes. */
    private static final long UNCHARGED_ACKS = 20_000;
    /** So saving one task takes a fifth of the time at most. */
    private static final long REST_PER_SAVE = 4;

    private static final long LONGEST_DELAY_MS = 1_000;

    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final DurabilityGate gate;
    private final boolean savesProgress;
    private final Predicate<WorkerId> isConnected;
    private final UnsavedResults unsavedResults;
    /** Acks that wait for the store, of all tasks. */
    private long heldAcks;

    /**
     * @param isConnected whether a worker is still there to be told
     * @param savesProgress false for a store that forgets: nothing of an unfinished task survives, so nothing is saved
     */
    Journal(CoreContext core, DurabilityGate gate, Predicate<WorkerId> isConnected, boolean savesProgress) {
        this.limits = core.limits();
        this.unsavedResults = new UnsavedResults(core.limits());
        this.timers = core.timers();
        this.outbox = core.outbox();
        this.gate = gate;
        this.isConnected = isConnected;
        this.savesProgress = savesProgress;
    }

    /** Whether so much of so many tasks waits for the store that nothing more is leased until it has caught up. */
    boolean isFull() {
        return unsavedResults.isFull();
    }

    /** Says for which tasks alone that holds. */
    void updateHeldBack(Consumer<TaskState> refresh) {
        unsavedResults.updateHeldBack(refresh);
    }

    /** Results of the chunk count. */
    void closed(TaskState task, Chunk chunk, Part part) {
        if (savesProgress) {
            task.unsaved.chunks.put(chunk.number, chunk);
            if (part.results() != null && (task.spec.keepsResults() || chunk.isEarly(part))) {
                chunk.unsavedParts.put(part.from(), part);
            }
            long bytes = ANSWER_BYTES + part.sizeBytes();
            task.unsaved.bytes += bytes;
            unsavedResults.change(task, bytes);
            schedule(task);
        } else if (chunk.isComplete()) {
            outbox.emit(new Effect.CloseChunk(task.spec.id(), chunk.number));
        }
    }

    /** Something went wrong with a subtask of the chunk, which is still open. */
    void attempted(TaskState task, Chunk chunk) {
        if (savesProgress) {
            task.unsaved.chunks.put(chunk.number, chunk);
            schedule(task);
        }
    }

    /** Tells a worker that answers of it are durable, as soon as they are. */
    void acknowledge(TaskState task, Effect.Ack ack) {
        if (!savesProgress) {
            outbox.emit(ack);
        } else if (task.isActive() && task.unsaved.chunks.isEmpty()) {
            // They were not needed any more; at most they wait for what made them so.
            if (mayHoldMore()) {
                heldAcks++;
                gate.afterCommit(task.unsaved.lastCommit, () -> {
                    heldAcks--;
                    tell(task, List.of(ack));
                });
            }
        } else if (task.unsaved.hold(ack, mayHoldMore())) {
            heldAcks++;
        }
    }

    /**
     * Each answer that counts brings one, which is charged with it; but whoever answers again and again while the store is
     * away brings more. Beyond this nothing is acked until the store is back, so that workers keep what they have.
     */
    private boolean mayHoldMore() {
        return heldAcks < UNCHARGED_ACKS + unsavedBytes() / ANSWER_BYTES;
    }

    /** Answers of the task are durable, unless the task is not: those of their workers that are still there hear it. */
    void tell(TaskState task, List<Effect.Ack> acks) {
        if (task.acceptance.isGivenUp()) {
            return;
        }
        for (Effect.Ack ack : acks) {
            if (isConnected.test(ack.worker())) {
                outbox.emit(ack);
            }
        }
    }

    private void schedule(TaskState task) {
        if (task.isActive() && task.unsaved.timer == null && !task.unsaved.isBeingSaved) {
            task.unsaved.timer = timers.schedule(outbox.nowMs() + delayMs(task.unsaved), () -> save(task));
        }
    }

    /** A task that is costly to save, as its accumulators are large or the disk is slow, is saved less often. */
    private long delayMs(Unsaved unsaved) {
        return Math.max(limits.saveDelayMs(), Math.min(LONGEST_DELAY_MS, REST_PER_SAVE * unsaved.lastSaveMs));
    }

    private void save(TaskState task) {
        Unsaved unsaved = task.unsaved;
        unsaved.timer = null;
        List<ChunkProgress> chunks = new ArrayList<>(unsaved.chunks.size());
        for (Chunk chunk : unsaved.chunks.values()) {
            chunks.add(task.save(chunk));
        }
        long commit = gate.persist(new Change.TaskAdvanced(task.spec.id(), task.progress(), chunks));
        closeComplete(task);
        List<Effect.Ack> acks = unsaved.takeAcks();
        long bytes = unsaved.bytes;
        unsaved.bytes = 0;
        unsaved.lastCommit = commit;
        unsaved.isBeingSaved = true;
        long startMs = outbox.nowMs();
        gate.afterCommit(commit, () -> {
            unsaved.lastSaveMs = outbox.nowMs() - startMs;
            unsaved.isBeingSaved = false;
            unsavedResults.change(task, -bytes);
            heldAcks -= acks.size();
            tell(task, acks);
            if (!unsaved.chunks.isEmpty()) {
                schedule(task);
            }
        });
    }

    /** What is done is worth something beyond the end of the task, which is about to come. */
    void saveLast(TaskState task) {
        if (!task.unsaved.chunks.isEmpty() && !task.acceptance.isGivenUp()) {
            timers.cancel(task.unsaved.timer);
            save(task);
        }
    }

    /** All of the task is done: its answer is made of what is there. */
    void complete(TaskState task) {
        timers.cancel(task.unsaved.timer);
        task.unsaved.timer = null;
        closeComplete(task);
    }

    /** Chunks stay open for as long as their accumulator was not handed to the store. */
    private void closeComplete(TaskState task) {
        for (Chunk chunk : task.unsaved.chunks.values()) {
            if (chunk.isComplete()) {
                outbox.emit(new Effect.CloseChunk(task.spec.id(), chunk.number));
            }
        }
        task.unsaved.chunks.clear();
    }

    /** The task ended. Returns what its workers are to hear once that is durable. */
    List<Effect.Ack> end(TaskState task) {
        Unsaved unsaved = task.unsaved;
        timers.cancel(unsaved.timer);
        unsaved.timer = null;
        unsaved.chunks.clear();
        unsavedResults.change(task, -unsaved.bytes);
        unsaved.bytes = 0;
        List<Effect.Ack> acks = unsaved.takeAcks();
        heldAcks -= acks.size();
        return acks;
    }

    /** What all of it takes. */
    long unsavedBytes() {
        return unsavedResults.bytes();
    }
}
