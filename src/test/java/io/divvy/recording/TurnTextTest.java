package io.divvy.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.TaskSize;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerIdentity;
import io.divvy.scheduler.WorkerTerms;
import io.divvy.state.ChunkProgress;
import io.divvy.state.Part;
import io.divvy.state.Range;
import io.divvy.state.TaskId;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TurnTextTest {
    static Stream<Event> events() {
        return Samples.ofAll(Event.class);
    }

    static Stream<Effect> effects() {
        return Samples.ofAll(Effect.class);
    }

    /** Whichever kinds there are: a new one is among them. */
    @ParameterizedTest
    @MethodSource("events")
    void everyEventIsReadAsItWasWritten(Event event) throws IOException {
        assertEquals(event, TurnText.event(text(event)), () -> "its text was " + textOrFailure(event));
    }

    @ParameterizedTest
    @MethodSource("effects")
    void everyEffectIsReadAsItWasWritten(Effect effect) throws IOException {
        String text = TurnText.text(effect);
        assertEquals(effect, TurnText.effect(text), () -> "its text was " + text);
    }

    @Test
    void fieldsWithTheirDefaultsAreLeftOut() throws IOException {
        Event joined = new Event.WorkerJoined(
                new WorkerId(7),
                new WorkerIdentity("", "ann"),
                WorkerTerms.heartbeatEvery(5_000).slots(2).credit(4).build());
        assertEquals(
                "WorkerJoined {worker:7, identity:{name:\"ann\"}, terms:{slots:2, credit:4, heartbeatMs:5000}}",
                text(joined));
        Event submitted = new Event.TaskSubmitted(
                1, TaskSpec.of(new TaskId("t1"), "squares").maxAttempts(3).build(), new TaskSize(4, 3_000));
        assertEquals(
                "TaskSubmitted {request:1, spec:{id:\"t1\", type:\"squares\", maxAttempts:3},"
                        + " size:{subtasks:4, bytes:3000}}",
                text(submitted));
    }

    @Test
    void takingNoTypesIsNotTakingAnyType() throws IOException {
        for (Set<String> types : List.of(Set.<String>of(), Set.of("squares"))) {
            Event event = new Event.WorkerJoined(
                    new WorkerId(1),
                    new WorkerIdentity("", "ann"),
                    WorkerTerms.heartbeatEvery(5_000).takes(types).build());
            assertEquals(event, TurnText.event(text(event)));
        }
    }

    @Test
    void indexesAreWrittenEvenWhereTheyAreZero() throws IOException {
        assertEquals(
                "Assign {worker:1, lease:1, task:\"t1\", from:0, to:2, payloads:true}",
                TurnText.text(new Effect.Assign(
                        new WorkerId(1), 1, new TaskId("t1"), 0, 2, new FieldMapper.RecordedPayloads())));
        assertEquals(
                "Heartbeat {worker:1, nextIndexes:{3:0}}", text(new Event.Heartbeat(new WorkerId(1), Map.of(3L, 0L))));
        assertEquals(
                "AnswerBroken {worker:1, index:0, message:\"no JSON\"}",
                text(new Event.AnswerBroken(new WorkerId(1), null, 0L, "no JSON", false)));
    }

    /** The core asks which results are null where one result makes the others unnecessary. */
    @Test
    void onlySizeAndNullsOfArrivedResultsAreWritten() throws IOException {
        Event arrived = Event.ResultsArrived.each(new WorkerId(1), 1, 10, 16, new LetterResults("-a--b-"));
        String text = text(arrived);
        assertEquals(
                "ResultsArrived {worker:1, lease:1, from:10, to:16, results:{bytes:6, nulls:[[0, 1], [2, 4], [5, 6]]}}",
                text);
        Event.ResultsArrived read = (Event.ResultsArrived) TurnText.event(text);
        assertEquals(6, read.results().sizeBytes());
        for (int from = 0; from <= 6; from++) {
            for (int to = from; to <= 6; to++) {
                assertEquals(
                        new LetterResults("-a--b-").firstNonNull(from, to),
                        read.results().firstNonNull(from, to),
                        from + " to " + to);
            }
        }
    }

    @Test
    void onlySizeAndNullsOfRestoredResultsAreWritten() throws IOException {
        Part part = Part.each(new Range(12, 14), new LetterResults("----b-"), 10, 2);
        ChunkProgress.Draft chunk = new ChunkProgress.Draft(0, 1);
        chunk.closed = List.of(new Range(12, 14));
        chunk.parts = List.of(part, Part.failed(15, 16));
        Event restored = new Event.TaskRestored(
                TaskSpec.of(new TaskId("t1"), "squares").build(),
                new TaskSize(20, 3_000),
                5,
                new TaskProgress(null, 0, 0, 20, ""),
                List.of(chunk.finish()));
        Event.TaskRestored read = (Event.TaskRestored) TurnText.event(text(restored));
        List<Part> parts = read.chunks().get(0).parts();
        assertEquals(-1, parts.get(0).firstNonNull(), "12 and 13 are null");
        assertEquals(Part.failed(15, 16), parts.get(1));
    }

    @Test
    void aMistakeInATranscriptIsNamed() {
        assertRefused("TaskSubmited {}", "no event of the name TaskSubmited; expected one of AnswerBroken, Cancel");
        assertRefused("CancelRequested", "expected the fields of the CancelRequested behind it");
        assertRefused("CancelRequested {task:\"t1\", why:1}", "CancelRequested: Unrecognized field \"why\"");
        assertRefused("LeaseReleased {worker:1, lease:1}", "LeaseReleased: expected a value of the field from");
        assertRefused(
                "WorkerJoined {worker:1, identity:{name:\"ann\"}}",
                "WorkerJoined: expected a value of the field terms");
        assertRefused("CancelRequested {task:\"t1\"} and more", "CancelRequested: ");
        assertRefused(
                "TaskSubmitted {request:1, spec:{id:\"t1\", type:\"x\", foldOrder:\"UP\", maxAttempts:1},"
                        + " size:{subtasks:1}}",
                "UP");
    }

    private static void assertRefused(String text, String why) {
        IOException refused = assertThrows(IOException.class, () -> TurnText.event(text));
        assertTrue(refused.getMessage().contains(why), refused::getMessage);
    }

    @Test
    void theTextOfARefusalIsOneLine() {
        assertEquals("IllegalStateException: one two", TurnText.refusal(new IllegalStateException("one\ntwo")));
        assertEquals("StackOverflowError", TurnText.refusal(new StackOverflowError()));
    }

    private static String text(Event event) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        TurnText.write(event, text);
        return text.toString(StandardCharsets.UTF_8);
    }

    private static String textOrFailure(Event event) {
        try {
            return text(event);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
