package io.divvy.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayTest {
    private static final String HEADER = "divvy-recording 1 {start:\"2026-03-01T12:00:00Z\"}\n";

    /** A task is submitted and saved, a worker comes and gets some of it, and falls silent. */
    private static final String STORY = HEADER + """
            @0 TaskSubmitted {request:1, spec:{id:"t1", type:"squares", maxAttempts:1}, size:{subtasks:2, bytes:3000}}
              > Persist {commit:1, change:{TaskCreated:{task:{spec:{id:"t1", type:"squares", maxAttempts:1}, state:"QUEUED", ledger:{total:2, pending:2}, submittedMs:1772366400000}}}}
            @1 StoreCommitted {commit:1}
              > TaskAccepted {request:1, task:"t1", subtasks:2}
            # ann comes.
            @20 WorkerJoined {worker:1, identity:{name:"ann"}, terms:{slots:1, credit:2, heartbeatMs:5000}}
              > DescribeTask {worker:1, task:"t1", subtasks:2}
              > MakePayloads {task:"t1", lease:1, from:0, to:1}

            @21 PayloadsReady {task:"t1", lease:1, to:1, payloads:true}
              > Assign {worker:1, lease:1, task:"t1", from:0, to:1, payloads:true}
              > MakePayloads {task:"t1", lease:2, from:1, to:2}
            @22 StoreCommitted {commit:7}
              ! IllegalArgumentException: commit 7 was never asked for; the last is 1
            @15020 tick
              > DropWorker {worker:1, reason:"no sign of life for 15000 ms"}
            """;

    private static String story() {
        return STORY + "end the server stopped\n";
    }

    @Test
    void theSameEventsLeadToTheSameEffects() throws Exception {
        String story = story();
        assertEquals(story, Text.rewritten(story), "comments and blank lines are kept");
        Replay replay = Text.replayed(story);
        assertNull(replay.difference());
        assertEquals(6, replay.turns());
        assertEquals(7, replay.effects());
        assertEquals("the server stopped", replay.end());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pending:2}| pending:3}| 3| > Persist {commit:1,",
                "lease:1, task:\"t1\", from:0| lease:2, task:\"t1\", from:0| 12| > Assign {worker:1, lease:1, task:\"t1\", from:0,",
                "was never asked for| is not known| 15| ! IllegalArgumentException: commit 7 was never asked for",
            })
    void theFirstDifferenceIsNamed(String then, String changed, int line, String now) throws Exception {
        String story = story();
        String other = story.replace(then, changed);
        Replay.Difference difference = Text.replayed(other).difference();
        assertNotNull(difference, other);
        assertEquals(line, difference.line());
        assertTrue(difference.now().startsWith(now), difference::toString);
        assertEquals(other.lines().toList().get(line - 1).strip(), difference.recorded());
    }

    @Test
    void anEffectTooManyOrTooFewIsADifference() throws Exception {
        String effect = "  > TaskAccepted {request:1, task:\"t1\", subtasks:2}\n";
        Replay.Difference tooMany =
                Text.replayed(story().replace(effect, effect + effect)).difference();
        assertEquals(new Replay.Difference(6, effect.strip(), "nothing more"), tooMany);
        Replay.Difference tooFew = Text.replayed(story().replace(effect, "")).difference();
        assertEquals(new Replay.Difference(5, "nothing more", effect.strip()), tooFew);
    }

    @Test
    void spacesInARecordingMakeNoDifference() throws Exception {
        String effect = "{request:1, task:\"t1\", subtasks:2}";
        assertTrue(STORY.contains(effect));
        assertNull(Text.replayed(story().replace(effect, "  { request : 1,\"task\":\"t1\",subtasks:2 }"))
                .difference());
    }

    /** As by {@code kill -9}. */
    @Test
    void aRecordingThatBreaksOffIsReplayedUpToItsLastWholeLine() throws Exception {
        String story = story();
        for (int length = HEADER.length(); length < story.length(); length++) {
            String cut = story.substring(0, length);
            Replay replay = Text.replayed(cut);
            assertNull(replay.difference(), cut);
            assertEquals(
                    cut.substring(0, cut.lastIndexOf('\n') + 1)
                            .lines()
                            .filter(line -> line.startsWith("@"))
                            .count(),
                    replay.turns());
            assertNull(replay.end());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''| line 1: this is no recording; expected a first line that begins with \"divvy-recording 1\"",
                "{\"tasks\":[]}| line 1: this is no recording",
                "divvy-recording 2 {}| line 1: a recording of another format; this version reads \"divvy-recording 1\"",
                "divvy-recording 1 {}| line 1: start: expected the time of the beginning",
                "divvy-recording 1 {start:\"noon\"}| line 1: Text 'noon' could not be parsed",
                "divvy-recording 1 {sead:5}| line 1: unknown field sead; expected some of [version, start,",
            })
    void whatIsNoRecordingIsSaidToBeNone(String header, String why) {
        assertRefused(header + "\n", why);
    }

    @Test
    void aLineThatCannotBeReadIsNamed() {
        assertRefused(HEADER + "@0 tick\n@x tick\n", "line 3: expected @, the milliseconds since the start");
        assertRefused(HEADER + "@7\n", "line 2: expected @, the milliseconds since the start");
        assertRefused(HEADER + "tick\n", "line 2: expected a turn, as \"@150 tick\"");
        assertRefused(HEADER + "  > GoAway {worker:1}\n", "line 2: expected a turn");
        assertRefused(HEADER + "@0 Tick\n", "line 2: there is no event of the name Tick");
        assertRefused(HEADER + "# why\n@0 CancelRequested {task}\n", "line 3: CancelRequested: ");
        assertRefused(HEADER + "end it stopped\n@0 tick\n", "line 3: expected nothing behind \"end it stopped\"");
        assertRefused(
                "divvy-recording 1 {start:\"2026-03-01T12:00:00Z\", limits:{openTusks:7}}\n",
                "line 1: Unrecognized field \"openTusks\"");
    }

    @Test
    void theLimitsAreThoseOfTheHeader() throws Exception {
        String full = Text.rewritten("""
                divvy-recording 1 {start:"2026-03-01T12:00:00Z", limits:{openTasks:0}}
                @0 TaskSubmitted {request:1, spec:{id:"t1", type:"squares", maxAttempts:1}, size:{subtasks:2, bytes:3000}}
                """);
        List<String> lines = full.lines().toList();
        assertTrue(lines.get(2).startsWith("  > TaskRefused {request:1, task:\"t1\", refusal:{kind:\"BUSY\""), full);
    }

    private static void assertRefused(String recording, String why) {
        RecordingException refused = assertThrows(RecordingException.class, () -> Text.replayed(recording));
        assertTrue(refused.getMessage().startsWith(why), refused::getMessage);
    }
}
