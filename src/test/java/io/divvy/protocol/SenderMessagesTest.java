package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.NullNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is refused is in {@code SenderProtocolTest}, over the wire. */
class SenderMessagesTest {
    private static final Progress PROGRESS = new Progress(10, 1, 2, 3, 4, 0);
    private static final TaskView COMPLETED = new TaskView(
            "id",
            "job-1",
            "sum_of_squares",
            "name",
            Map.of("team", "a"),
            "completed",
            PROGRESS,
            1,
            2,
            -3,
            false,
            "night",
            3,
            1_000L,
            60_000L,
            "continue",
            Json.MAPPER.createObjectNode().put("combine", "sum"),
            NullNode.getInstance(),
            null,
            List.of(List.of(1L, 2L), List.of(5L, 9L)),
            null,
            Json.MAPPER.createArrayNode().add("a kind"),
            Instant.parse("2026-01-02T03:04:05.678Z"),
            null,
            Instant.parse("2026-01-02T03:04:06Z"),
            Instant.parse("2026-01-02T03:04:07.1Z"));
    private static final TaskView FAILED = new TaskView(
            "id",
            null,
            "x",
            null,
            Map.of(),
            "failed",
            PROGRESS,
            0,
            0,
            0,
            false,
            null,
            1,
            null,
            null,
            "fail",
            null,
            null,
            null,
            List.of(),
            new TaskError("subtask_failed", "no", 4L, "w", 3),
            null,
            Instant.parse("2026-01-02T03:04:05Z"),
            null,
            null,
            Instant.parse("2026-01-02T03:04:07Z"));

    @Test
    void messagesFromSendersReadBackAsTheyWereWritten() throws ProtocolException {
        for (FromSender message : List.of(
                new FromSender.Submit(1L, true, Wire.object("{'type':'x','unknown':[1.50]}")),
                new FromSender.Submit(null, false, Wire.object("{}")),
                new FromSender.Status(2L, "t"),
                new FromSender.Attach(3L, "t", false),
                new FromSender.Cancel(null, "t"))) {
            assertEquals(message, Wire.<FromSender>readBack(FromSender::read, message));
        }
    }

    @Test
    void onlyAServerThatPromisedHeartbeatsIsMissed() throws ProtocolException {
        Welcome old = (Welcome) Wire.<ToSender>read(
                ToSender::read,
                "{'type':'welcome','protocol':2,'server':'s','session':'1','heartbeat_ms':5000,"
                        + "'max_frame_bytes':4194304}");
        assertEquals(0, old.silenceMs(30_000));
        assertEquals(30_000, Welcome.of("s", "1", 5_000).silenceMs(30_000));
        assertEquals(120_000, Welcome.of("s", "1", 60_000).silenceMs(30_000), "two of its heartbeats");
    }

    @Test
    void messagesToSendersReadBackAsTheyWereWritten() throws ProtocolException {
        for (ToSender message : List.of(
                Welcome.of("divvy/0.1.0", "12", 5_000),
                new ServerHeartbeat(),
                new ErrorMessage(1L, ErrorCode.BUSY, "later", 1_000L),
                new ToSender.Accepted(1L, "t", 10),
                new ToSender.Accepted(null, "t", 1),
                new ToSender.ProgressReport("t", PROGRESS),
                new ToSender.Completed("t", Wire.json("[333333833333500000,1.50]"), null),
                new ToSender.Completed("t", NullNode.getInstance(), null),
                new ToSender.Completed("t", NullNode.getInstance(), "/tasks/t/result"),
                new ToSender.Failed("t", new TaskError("timeout", "too long", null, null, null)),
                new ToSender.Failed("t", new TaskError("subtask_failed", "no", 3L, "w", 2)),
                new ToSender.Cancelled("t"),
                new ToSender.Task(5L, COMPLETED),
                new ToSender.Task(5L, COMPLETED.withoutResult()),
                new ToSender.Task(null, FAILED))) {
            assertEquals(message, Wire.<ToSender>readBack(ToSender::read, message));
        }
    }

    @Test
    void everyViewHasTheSameFields() throws ProtocolException {
        assertEquals(
                Wire.object(viewText(COMPLETED)).properties().stream()
                        .map(Map.Entry::getKey)
                        .toList(),
                Wire.object(viewText(FAILED)).properties().stream()
                        .map(Map.Entry::getKey)
                        .toList());
        assertTrue(viewText(COMPLETED).contains("\"submitted_at\":\"2026-01-02T03:04:05.678Z\""), viewText(COMPLETED));
    }

    private static String viewText(TaskView view) throws ProtocolException {
        return Wire.object(Wire.text(new ToSender.Task(null, view))).get("task").toString();
    }

    @Test
    void aViewWithoutItsResultSaysWhereThatIs() throws ProtocolException {
        TaskView view = COMPLETED.withoutResult();
        assertEquals("completed", view.state());
        assertNull(view.result());
        assertEquals("/tasks/id/result", view.resultAt());
        assertEquals(view, view.withoutResult());
        assertNull(COMPLETED.resultAt());
        assertNull(FAILED.withoutResult().resultAt(), "there is none anywhere");
    }

    @Test
    void typeComesFirstInEveryMessage() {
        for (Message message : List.of(
                new ToSender.Accepted(1L, "t", 10),
                new ToSender.Task(5L, COMPLETED),
                new FromSender.Status(2L, "t"),
                new ErrorMessage(1L, ErrorCode.BUSY, "later", 1_000L),
                new FromWorker.Heartbeat(Map.of()),
                new Hello.PlainSender())) {
            assertTrue(Wire.text(message).startsWith("{\"type\":\""), Wire.text(message));
        }
    }

    @Test
    void anErrorOfALaterVersionKeepsItsCode() throws ProtocolException {
        assertEquals(
                new ErrorMessage(null, "from_the_future", "m", null),
                Wire.read(ToSender::read, "{'type':'error','code':'from_the_future','message':'m'}"));
    }

    @Test
    void messagesOfALaterVersionAreReadAsUnknownAndNeverWritten() throws ProtocolException {
        ToSender message = Wire.read(ToSender::read, "{'type':'goaway'}");
        assertEquals(new ToSender.Unknown("goaway"), message);
        assertThrows(UnsupportedOperationException.class, () -> Frames.encode(message));
    }

    @Test
    void aNumberThatIsWrongStillNamesTheRequestThatItAnswers() {
        ProtocolException refused = assertThrows(
                ProtocolException.class, () -> Wire.read(FromSender::read, "{'request':4,'type':'status'}"));
        assertEquals(4L, refused.request());
    }

    @Test
    void errorTextsAreBounded() {
        String endless = "x".repeat(1_000_000);
        for (Message message : List.of(
                new ErrorMessage(1L, ErrorCode.BUSY, endless, null),
                new Plain.Failed(endless),
                new ToSender.Failed("t", new TaskError("timeout", endless, null, null, null)),
                new ErrorMessage(new ProtocolException(ErrorCode.BAD_MESSAGE, endless)))) {
            assertTrue(Wire.text(message).length() < 2_200);
        }
    }
}
