package io.divvy.store.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CommitPaceTest {
    private static final long MS = 1_000_000;
    private static final long START_NS = 1_000_000 * MS;

    private final CommitPace pace = new CommitPace(200, 20, START_NS);

    @Test
    void upToTheRateNoCommitWaits() {
        for (long ms = 0; ms < 10_000; ms += 5) {
            assertEquals(0, pace.waitNs(START_NS + ms * MS));
            pace.committed(START_NS + ms * MS);
        }
    }

    @Test
    void aboveTheRateCommitsComeEveryFiveMilliseconds() {
        long now = START_NS;
        int commits = 0;
        while (now < START_NS + 1_000 * MS) {
            now += pace.waitNs(now) + MS / 2; // A commit takes half a millisecond.
            pace.committed(now);
            commits++;
        }
        assertEquals(220, commits, 2, "200 in a second, and those that may come at once");
    }

    @Test
    void aQuietHourAllowsNoLargerBurst() {
        long later = START_NS + 3_600_000 * MS;
        for (int i = 0; i < 21; i++) {
            assertEquals(0, pace.waitNs(later), "commit " + i);
            pace.committed(later);
        }
        assertEquals(5 * MS, pace.waitNs(later));
    }
}
