package io.divvy.server;

import io.divvy.protocol.ProtocolException;
import io.divvy.state.ChunkProgress;
import io.divvy.state.Range;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import io.divvy.store.ChunkRow;
import io.divvy.store.Rerun;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What need not be done again of a task that is run again: the chunks of the first as they are stored, without what went wrong
 * in them.
 *
 * @param subtasks how many the first had
 * @param spec of the first, which says how it was combined
 */
record HeadStart(long subtasks, @Nullable TaskSpec spec, List<ChunkRow> chunks) {
    private static final String MARK = " again ";

    static final HeadStart NONE = new HeadStart(0, null, List.of());

    /** Of a finished task. One that may end early is run as a whole: which of its results are needed depends on the others. */
    static HeadStart of(Rerun first) {
        TaskSnapshot task = first.task().task();
        TaskSpec spec = task.spec();
        boolean isWhole = spec.earlyEnd() != TaskSpec.EarlyEnd.NONE;
        return new HeadStart(task.ledger().total(), spec, isWhole ? List.of() : first.done());
    }

    /**
     * What tells a rerun from a submission of the same task, in its fingerprint: under a key that the first has, or another
     * task like it, nobody wants that one again.
     */
    String mark() {
        return spec == null ? "" : MARK + spec.id();
    }

    /** @param first the id of a task, or the end of it, in small letters or capitals */
    static boolean isRerunOf(String first, String fingerprint) {
        int mark = fingerprint.indexOf(MARK);
        String id = mark < 0 ? "" : fingerprint.substring(mark + MARK.length());
        String name = first.toLowerCase(Locale.ROOT);
        return id.equals(name) || TaskIds.isEndOfId(name) && id.endsWith(name);
    }

    /** Of what is read of it to begin with it. */
    long sizeBytes() {
        return chunks.stream().mapToLong(ChunkRow::sizeBytes).sum();
    }

    /** What the store and the core are told of it. */
    record Taken(List<ChunkRow> rows, List<ChunkProgress> chunks) {
        static final Taken NOTHING = new Taken(List.of(), List.of());

        /** How many subtasks need not be run. */
        long subtasks() {
            return rows.stream()
                    .flatMap(row -> row.closed().stream())
                    .mapToLong(range -> range.to() - range.from())
                    .sum();
        }
    }

    /**
     * Begins the work with it, or with nothing if its type splits or combines it in another way by now. Runs the code of its
     * type: to be called in its lane.
     *
     * @throws ProtocolException if what was stored cannot be read
     */
    Taken begin(TaskWork work) throws ProtocolException {
        if (chunks.isEmpty() || spec == null || work.count() != subtasks || !isCombinedTheSame(spec, work)) {
            return Taken.NOTHING;
        }
        boolean keepsResults = spec.keepsResults();
        List<ChunkRow> rows = new ArrayList<>(chunks.size());
        List<ChunkProgress> begun = new ArrayList<>(chunks.size());
        for (ChunkRow chunk : chunks) {
            ChunkRow row = withoutFailures(chunk, keepsResults, work);
            if (row != null) {
                rows.add(row);
                begun.add(ChunkRows.restored(row, work.folding()));
            }
        }
        return new Taken(rows, begun);
    }

    /** Which code combines it is not known of the first; this is what would be seen in the rows. */
    private static boolean isCombinedTheSame(TaskSpec first, TaskWork work) {
        TaskSpec.FoldOrder order = work.folding().isExact() ? TaskSpec.FoldOrder.ANY : TaskSpec.FoldOrder.ASCENDING;
        return work.folding().keepsResults() == first.keepsResults()
                && order == first.foldOrder()
                && work.isFoldable() == first.foldable()
                && work.earlyEnd() == TaskSpec.EarlyEnd.NONE;
    }

    /**
     * The chunk without the subtasks that failed, which are open again; null if nothing is left of it. Where a failed one went
     * into the accumulator, that cannot be taken out again, and the chunk is done anew.
     */
    private static @Nullable ChunkRow withoutFailures(ChunkRow chunk, boolean keepsResults, TaskWork work) {
        boolean isAnyOrder = work.folding().isExact();
        boolean isFolded = isAnyOrder
                ? !work.forgetsFailures()
                : chunk.failed().stream().anyMatch(range -> range.from() < chunk.foldedTo());
        List<Range> done = without(chunk.closed(), chunk.failed());
        if (done.isEmpty() || !keepsResults && !chunk.failed().isEmpty() && isFolded) {
            return null;
        }
        if (!keepsResults && chunk.accumulator() == null && done.get(0).from() < chunk.foldedTo()) {
            return null; // It was let go of, for want of room.
        }
        ChunkRow.Draft row = new ChunkRow.Draft(chunk.number(), 1);
        row.closed = done;
        row.foldedTo = chunk.foldedTo();
        row.accumulator = chunk.accumulator();
        row.parts = chunk.parts();
        return row.finish();
    }

    /** @param some ranges that lie within those of {@code all}; both in ascending order */
    private static List<Range> without(List<Range> all, List<Range> some) {
        List<Range> left = new ArrayList<>();
        int next = 0;
        for (Range range : all) {
            long from = range.from();
            for (; next < some.size() && some.get(next).from() < range.to(); next++) {
                if (from < some.get(next).from()) {
                    left.add(new Range(from, some.get(next).from()));
                }
                from = some.get(next).to();
            }
            if (from < range.to()) {
                left.add(new Range(from, range.to()));
            }
        }
        return left;
    }
}
