package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.protocol.Json;
import io.divvy.protocol.TaskObject;
import io.divvy.state.ChunkProgress;
import io.divvy.state.Range;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSpec;
import io.divvy.store.ChunkRow;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of the chunks of a finished task need not be done again. */
class HeadStartTest {
    private static TaskWork work(String combine, int subtasks) throws Exception {
        String task =
                "{\"type\":\"mine\",\"combine\":\"" + combine + "\",\"payloads\":[0" + ",0".repeat(subtasks - 1) + "]}";
        byte[] json = task.getBytes(StandardCharsets.UTF_8);
        return TaskWork.prepare(TaskObject.read(Json.readObject(json, 0, json.length)), null, TaskLanes.INLINE);
    }

    private static TaskSpec first(String combine) throws Exception {
        return work(combine, 20).spec(new TaskId("first"), null, "");
    }

    /** [0, 10) is closed, of which 0, 4, 5 and 9 failed, and 11 was tried. */
    private static ChunkRow.Draft chunk() {
        ChunkRow.Draft chunk = new ChunkRow.Draft(0, 7);
        chunk.closed = List.of(new Range(0, 10));
        chunk.failed = List.of(new Range(0, 1), new Range(4, 6), new Range(9, 10));
        chunk.attempts = List.of(new ChunkProgress.Attempts(11, 2, 1));
        return chunk;
    }

    private static List<ChunkRow> begun(HeadStart headStart, TaskWork work) throws Exception {
        HeadStart.Taken taken = headStart.begin(work);
        assertEquals(
                taken.rows().stream().map(ChunkRow::closed).toList(),
                taken.chunks().stream().map(ChunkProgress::closed).toList());
        return taken.rows();
    }

    @Test
    void whatFailedIsOpenAgainAndNobodyRemembersWhatWentWrong() throws Exception {
        ChunkRow.Draft chunk = chunk();
        chunk.parts = List.of(
                new ChunkRow.PartRow(1, 4, false, "[1,2,3]".getBytes(StandardCharsets.UTF_8)),
                new ChunkRow.PartRow(6, 9, false, "[6,7,8]".getBytes(StandardCharsets.UTF_8)));
        HeadStart headStart = new HeadStart(20, first("collect"), List.of(chunk.finish()));
        ChunkRow begun = begun(headStart, work("collect", 20)).get(0);
        assertEquals(List.of(new Range(1, 4), new Range(6, 9)), begun.closed());
        assertEquals(List.of(), begun.failed());
        assertEquals(List.of(), begun.attempts());
        assertEquals(1, begun.seq());
        assertEquals(2, begun.parts().size());
    }

    /** In ascending order what is folded cannot have another result put into its midst. */
    @ParameterizedTest(name = "{0}, folded to {1}")
    @CsvSource({"count, 20, true", "sum, 10, false", "sum, 1, false", "sum, 0, true"})
    void aChunkIsDoneAnewIfAFailedSubtaskIsFolded(String combine, long foldedTo, boolean isTaken) throws Exception {
        ChunkRow.Draft chunk = chunk();
        chunk.foldedTo = foldedTo;
        chunk.accumulator = foldedTo == 0 ? null : "6".getBytes(StandardCharsets.UTF_8);
        HeadStart headStart = new HeadStart(20, first(combine), List.of(chunk.finish()));
        assertEquals(isTaken ? 1 : 0, begun(headStart, work(combine, 20)).size());
    }

    @Test
    void aChunkWhoseAccumulatorWasLetGoOfIsDoneAnew() throws Exception {
        ChunkRow.Draft chunk = new ChunkRow.Draft(0, 2);
        chunk.closed = List.of(new Range(0, 10));
        chunk.foldedTo = 10;
        assertEquals(List.of(), begun(new HeadStart(20, first("sum"), List.of(chunk.finish())), work("sum", 20)));
    }

    @Test
    void aChunkInWhichAllFailedIsNothing() throws Exception {
        ChunkRow.Draft chunk = chunk();
        chunk.failed = chunk.closed;
        assertEquals(
                List.of(), begun(new HeadStart(20, first("collect"), List.of(chunk.finish())), work("collect", 20)));
    }

    @Test
    void aTaskOfAnotherShapeBeginsWithNothing() throws Exception {
        List<ChunkRow> chunks = List.of(chunk().finish());
        assertEquals(List.of(), begun(new HeadStart(20, first("collect"), chunks), work("collect", 21)));
        assertEquals(List.of(), begun(new HeadStart(20, first("collect"), chunks), work("sum", 20)));
        assertEquals(List.of(), begun(new HeadStart(20, first("sum"), chunks), work("first", 20)));
    }

    /** The code of a type may be another one after a restart. */
    @ParameterizedTest(name = "{0} after {1}")
    @CsvSource({"count, sum", "sum, count", "collect, sum", "sum, collect", "min, count"})
    void whatIsCombinedInAnotherWayBeginsWithNothing(String now, String before) throws Exception {
        ChunkRow.Draft chunk = new ChunkRow.Draft(0, 2);
        chunk.closed = List.of(new Range(0, 10));
        chunk.foldedTo = 10;
        chunk.accumulator = "10".getBytes(StandardCharsets.UTF_8);
        assertEquals(List.of(), begun(new HeadStart(20, first(before), List.of(chunk.finish())), work(now, 20)));
    }
}
