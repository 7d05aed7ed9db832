package io.divvy.store.sqlite;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CommitWatchTest {
    private long busySinceNs;
    private final CommitWatch watch = new CommitWatch(() -> busySinceNs);

    @Test
    void aCommitThatDoesNotComeBackIsSlow() {
        busySinceNs = 1;
        for (int look = 0; look < CommitWatch.LOOKS; look++) {
            assertFalse(watch.isOneSlow());
        }
        assertTrue(watch.isOneSlow());
        assertTrue(watch.isOneSlow());
        busySinceNs = 0;
        assertFalse(watch.isOneSlow());
    }

    /** The process was stopped in the middle of it: it may have begun any time ago. */
    @Test
    void aCommitThatIsSeenOnceIsNotSlowHoweverLongAgoItBegan() {
        busySinceNs = 1;
        assertFalse(watch.isOneSlow());
        busySinceNs = 0;
        assertFalse(watch.isOneSlow());
    }

    @Test
    void manyCommitsOneAfterTheOtherAreNotSlow() {
        for (int look = 0; look < 10 * CommitWatch.LOOKS; look++) {
            busySinceNs = 1_000L + look;
            assertFalse(watch.isOneSlow());
        }
    }

    @Test
    void aStoreWithNothingToCommitIsNotSlow() {
        for (int look = 0; look < 10 * CommitWatch.LOOKS; look++) {
            assertFalse(watch.isOneSlow());
        }
    }
}
