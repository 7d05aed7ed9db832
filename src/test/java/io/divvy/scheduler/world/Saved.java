package io.divvy.scheduler.world;

import io.divvy.scheduler.IndexRanges;
import io.divvy.scheduler.Limits;
import io.divvy.state.ChunkProgress;
import io.divvy.state.Range;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSpec;
import io.divvy.store.ChunkRow;
import io.divvy.store.ChunkRow.PartRow;
import io.divvy.store.NewTask;
import io.divvy.store.Rerun;
import io.divvy.store.StoredTask;
import io.divvy.store.UnfinishedTask;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One task as the store has it. Each change has to fit to those before. */
final class Saved {
    final SimulatedTask task;
    private final NewTask created;
    final TreeMap<Integer, Chunk> chunks = new TreeMap<>();
    private TaskProgress progress;
    private TaskSpec spec;
    /** All changes, the very objects, in their order. */
    final List<TaskPatch> patches = new ArrayList<>();
    /** Null while it is unfinished. */
    @Nullable
    StoredTask end;

    static final class Chunk {
        final IndexRanges closed = new IndexRanges();
        private final TreeMap<Long, PartRow> parts = new TreeMap<>();
        private ChunkRow last;

        private Chunk(ChunkRow first) {
            last = first;
        }
    }

    Saved(NewTask created, SimulatedTask task) {
        this.created = created;
        this.task = task;
        this.spec = created.task().spec();
        this.progress = new TaskProgress(null, 0, 0, task.subtasks(), "");
        advance(progress, created.done());
    }

    /** The text of its answer; null if it has none. */
    @Nullable
    String answer() {
        StoredTask ended = end;
        byte[] result = ended == null ? null : ended.result();
        return result == null ? null : new String(result, StandardCharsets.UTF_8);
    }

    /** How many subtasks need not be done again. */
    long closed() {
        return chunks.values().stream().mapToLong(chunk -> chunk.closed.size()).sum();
    }

    /** Whether what a worker did of it need not be done again. */
    boolean has(long from, long to) {
        if (end != null) {
            return true;
        }
        long chunkSize = Limits.chunkSize(task.subtasks());
        for (long index = from; index < to; ) {
            Chunk chunk = chunks.get((int) (index / chunkSize));
            long chunkTo = Math.min(to, (index / chunkSize + 1) * chunkSize);
            if (chunk == null || !chunk.closed.gapsWithin(index, chunkTo).isEmpty()) {
                return false;
            }
            index = chunkTo;
        }
        return true;
    }

    UnfinishedTask unfinished() {
        UnfinishedTask.Draft unfinished =
                new UnfinishedTask.Draft(task.id(), created.task().spec().submitKey(), created.object());
        unfinished.fingerprint = created.task().spec().fingerprint();
        unfinished.keepsResults = created.task().spec().keepsResults();
        unfinished.subtasks = created.task().ledger().total();
        unfinished.submittedMs = created.task().submittedMs();
        unfinished.chunks = rows();
        patches.forEach(patch -> unfinished.patch = unfinished.patch.then(patch));
        return unfinished.finish(progress);
    }

    private List<ChunkRow> rows() {
        List<ChunkRow> rows = new ArrayList<>();
        chunks.values().forEach(chunk -> rows.add(chunk.last.withParts(List.copyOf(chunk.parts.values()))));
        return rows;
    }

    /** What there is to run it again, once it has ended. */
    Optional<Rerun> rerun() {
        return Optional.ofNullable(end).map(ended -> new Rerun(ended, rows()));
    }

    /** What the core has to know of it, as another server would be told it. */
    TaskSpec spec() {
        return spec;
    }

    void patch(TaskPatch patch) {
        Violation.unless(end == null, () -> task + " changes after its end");
        patches.add(patch);
        spec = spec.patched(patch);
    }

    void advance(TaskProgress now, List<ChunkRow> rows) {
        Violation.unless(end == null, () -> task + " goes on after its end");
        progress = now;
        for (ChunkRow row : rows) {
            Chunk chunk = chunks.get(row.number());
            long seqBefore = chunk == null ? 0 : chunk.last.seq();
            Violation.unless(row.seq() == seqBefore + 1, () -> task + ": " + row + " is saved after seq " + seqBefore);
            if (chunk == null) {
                chunk = new Chunk(row);
                chunks.put(row.number(), chunk);
            }
            add(chunk, row);
        }
    }

    private void add(Chunk chunk, ChunkRow row) {
        requireAttemptsKept(chunk.last, row);
        chunk.last = row;
        long before = chunk.closed.size();
        long added = 0;
        for (Range range : row.closed()) {
            added += chunk.closed.add(range.from(), range.to());
        }
        Violation.unless(
                before + added == row.closed().stream().mapToLong(Range::size).sum(),
                () -> task + ": what was closed is open again in " + row);
        for (PartRow part : row.parts()) {
            Violation.unless(
                    chunk.parts.put(part.from(), part) == null && part.from() >= row.foldedTo(),
                    () -> task + ": " + part + " is saved twice, or though it is folded");
        }
        chunk.parts.headMap(row.foldedTo()).clear();
        IndexRanges has = new IndexRanges();
        for (PartRow part : chunk.parts.values()) {
            Violation.unless(
                    has.add(part.from(), part.to()) == part.to() - part.from(),
                    () -> task + ": " + part + " overlaps another");
        }
        for (Range range : row.failed()) {
            if (range.to() > row.foldedTo()) {
                has.add(Math.max(range.from(), row.foldedTo()), range.to());
            }
        }
        IndexRanges needed = new IndexRanges();
        for (Range range : row.closed()) {
            if (range.to() > row.foldedTo()) {
                needed.add(Math.max(range.from(), row.foldedTo()), range.to());
            }
        }
        Violation.unless(
                has.equals(needed),
                () -> task + ": the store has the results of " + has + " beside the folded ones, expected " + needed);
    }

    /** What went wrong with an open subtask is never forgotten; only deaths may, and may turn out to be none. */
    private void requireAttemptsKept(ChunkRow before, ChunkRow now) {
        for (ChunkProgress.Attempts former : before.attempts()) {
            boolean isClosed = now.closed().stream()
                    .anyMatch(range -> range.from() <= former.index() && former.index() < range.to());
            boolean isKept = now.attempts().stream()
                    .anyMatch(kept -> kept.index() == former.index() && kept.attempts() >= former.attempts());
            Violation.unless(
                    isClosed || isKept || former.attempts() == 0,
                    () -> task + ": the store has " + former + ", and now gets " + now.attempts());
        }
    }
}
