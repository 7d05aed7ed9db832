package io.divvy.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.FailedAttempt;
import io.divvy.state.FailedAttempt.Said;
import io.divvy.state.FailedAttempt.Verdict;
import io.divvy.state.FailureKind;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is remembered of failed attempts, and what is not for want of memory. */
class FailureLogTest {
    private final FailureRoom room = new FailureRoom(1 << 20);
    private final FailureLog log = new FailureLog(room);

    private static FailedAttempt attempt(long index, int attempts, Verdict verdict, String message) {
        return attempt(index, attempts, verdict, message, null);
    }

    private static FailedAttempt attempt(
            long index, int attempts, Verdict verdict, String message, @Nullable String detail) {
        return new FailedAttempt(index, attempts, verdict, new Said("w", message, detail), 1_000 + attempts);
    }

    private List<Long> remembered() {
        return log.view().attempts().stream().map(FailedAttempt::index).toList();
    }

    @Test
    void ofEachSubtaskTheLastFailedAttemptIsRemembered() {
        log.add(attempt(7, 1, Verdict.RETRIED, "slow"));
        log.add(attempt(3, 1, Verdict.RETRIED, "lost"));
        log.add(attempt(7, 2, Verdict.FAILED, "broken"));
        assertEquals(
                List.of(attempt(3, 1, Verdict.RETRIED, "lost"), attempt(7, 2, Verdict.FAILED, "broken")),
                log.view().attempts());
        assertEquals(0, log.view().dropped());
    }

    @Test
    void messagesThatDifferByNumbersAreOneKindWithCountsAndAnExampleThatWasGivenUp() {
        log.add(attempt(1, 1, Verdict.RETRIED, "row 17 of 200: no such file"));
        log.add(attempt(2, 1, Verdict.RETRIED, "row 18 of 200: no such file"));
        log.add(attempt(1, 2, Verdict.FAILED, "row 17 of 200: no such file"));
        log.add(attempt(5, 1, Verdict.POISONOUS, "they died"));
        assertEquals(
                List.of(
                        new FailureKind(
                                "row # of #: no such file",
                                false,
                                3,
                                1,
                                attempt(1, 2, Verdict.FAILED, "row 17 of 200: no such file")),
                        new FailureKind("they died", true, 1, 1, attempt(5, 1, Verdict.POISONOUS, "they died"))),
                log.view().kinds());
    }

    @Test
    void moreKindsThanAnybodyReadsAreCountedTogether() {
        for (int i = 0; i < FailureLog.MOST_KINDS + 5; i++) {
            log.add(attempt(i, 1, Verdict.RETRIED, "x".repeat(i + 1)));
        }
        assertEquals(FailureLog.MOST_KINDS, log.view().kinds().size());
        assertEquals(5, log.view().ofOtherKinds());
    }

    @Test
    void whereThereIsNoRoomThoseGivenUpAreRememberedBeforeThoseTriedAgain() {
        String message = "x".repeat(1_000);
        for (int i = 0; i < 1_000; i++) {
            log.add(attempt(i, 1, Verdict.RETRIED, message));
        }
        int most = remembered().size();
        assertTrue(most > 10 && most < 100, most + " of 64 KiB");
        assertEquals(1_000 - most, log.view().dropped());
        assertTrue(room.bytes() <= room.taskBytes() + 10_000, room.bytes() + " bytes");

        for (int i = 2_000; i < 3_000; i++) {
            log.add(attempt(i, 3, Verdict.FAILED, message));
        }
        assertTrue(log.view().attempts().stream().allMatch(FailedAttempt::isFinal), "only those that were given up");
        assertEquals(2_000L, remembered().get(0), "the first of them");
        assertEquals(most, remembered().size());
        assertEquals(2_000 - most, log.view().dropped());
    }

    @Test
    void whatWorkersSayBesidesIsRememberedInTheFirstHalfOnly() {
        for (int i = 0; i < 100; i++) {
            log.add(attempt(i, 1, Verdict.FAILED, "no", "d".repeat(2_000)));
        }
        List<FailedAttempt> attempts = log.view().attempts();
        assertNotNull(attempts.get(0).said().detail());
        assertNull(attempts.get(attempts.size() - 1).said().detail());
        assertTrue(attempts.size() > 50, attempts.size() + " are known");
    }

    /** So the tasks of others can still say what went wrong. */
    @Test
    void manyTasksLeaveRoomForTheKindsOfAnotherOne() {
        for (int task = 0; task < 100; task++) {
            FailureLog other = new FailureLog(room);
            for (int i = 0; i < 1_000; i++) {
                other.add(attempt(i, 1, Verdict.FAILED, "x".repeat(1_000)));
            }
        }
        log.add(attempt(1, 1, Verdict.FAILED, "mine"));
        assertEquals(1, log.view().kinds().size());
        assertEquals(1, log.view().dropped());
    }

    @Test
    void whenItsTaskIsGoneItTakesNothing() {
        log.add(attempt(1, 1, Verdict.RETRIED, "one"));
        assertTrue(room.bytes() > 0);
        log.end();
        assertEquals(0, room.bytes());
    }
}
