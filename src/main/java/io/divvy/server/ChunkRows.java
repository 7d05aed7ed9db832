package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ResultValues;
import io.divvy.scheduler.Change;
import io.divvy.server.session.ArrivedResults;
import io.divvy.state.ChunkProgress;
import io.divvy.state.Part;
import io.divvy.state.Range;
import io.divvy.store.ChunkRow;
import io.divvy.store.ChunkRow.PartRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Chunks as the core knows them become rows of the store, with what the core never sees of them, and the other way round. */
final class ChunkRows {
    private ChunkRows() {}

    /** What a change says of chunks, with what is folded of them now. Where results are combined. */
    static List<ChunkRow> of(Change.TaskAdvanced change, TaskWork work) {
        List<ChunkRow> rows = new ArrayList<>(change.chunks().size());
        for (ChunkProgress chunk : change.chunks()) {
            rows.add(row(chunk, work));
        }
        return rows;
    }

    private static ChunkRow row(ChunkProgress chunk, TaskWork work) {
        JsonNode accumulator = work.folding().stored(chunk.number());
        ChunkRow.Draft row = new ChunkRow.Draft(chunk.number(), chunk.seq());
        row.closed = chunk.closed();
        row.failed = chunk.failed();
        row.foldedTo = chunk.foldedTo();
        row.attempts = chunk.attempts();
        row.accumulator = accumulator == null ? null : written(accumulator, work);
        row.parts = rows(chunk.parts());
        return row.finish();
    }

    private static byte[] written(JsonNode accumulator, TaskWork work) {
        return work.isCombinedByForeignCode() ? ForeignJson.write("toStored", accumulator) : Json.write(accumulator);
    }

    /** Parts that follow each other become one. */
    private static List<PartRow> rows(List<Part> parts) {
        List<PartRow> rows = new ArrayList<>();
        for (int first = 0; first < parts.size(); ) {
            int end = first + 1;
            while (end < parts.size() && parts.get(end - 1).isFollowedBy(parts.get(end))) {
                end++;
            }
            ResultValues.Text text = new ResultValues.Text();
            for (Part part : parts.subList(first, end)) {
                add(part, text);
            }
            Part last = parts.get(end - 1);
            rows.add(new PartRow(parts.get(first).from(), last.to(), last.combined(), text.toBytes()));
            first = end;
        }
        return rows;
    }

    private static void add(Part part, ResultValues.Text text) {
        ArrivedResults results = (ArrivedResults) Objects.requireNonNull(part.results(), "a part to store has results");
        if (part.combined()) {
            text.add(results.values(), 0, 1);
        } else {
            text.add(
                    results.values(), (int) (part.from() - part.resultsFrom()), (int) (part.to() - part.resultsFrom()));
        }
    }

    /** A stored chunk for the core; its accumulator goes into the folding. */
    static ChunkProgress restored(ChunkRow row, Folding<?> folding) throws ProtocolException {
        byte[] accumulator = row.accumulator();
        if (accumulator != null) {
            folding.restore(row.number(), Json.read(accumulator, 0, accumulator.length));
        }
        List<Part> parts = new ArrayList<>(row.parts().size());
        for (PartRow part : row.parts()) {
            ArrivedResults results = new ArrivedResults(ResultValues.parse(part.results()));
            parts.add(
                    part.combined()
                            ? Part.combined(part.from(), part.to(), results)
                            : Part.each(new Range(part.from(), part.to()), results, part.from(), results.sizeBytes()));
        }
        ChunkProgress.Draft progress = new ChunkProgress.Draft(row.number(), row.seq());
        progress.closed = row.closed();
        progress.failed = row.failed();
        progress.foldedTo = row.foldedTo();
        progress.attempts = row.attempts();
        progress.parts = parts;
        return progress.finish();
    }
}
