package io.divvy.store.sqlite;

import java.util.function.LongSupplier;

/**
 * Notices a commit that does not come back. It counts its own looks, not time: after a pause of the process a commit seems to
 * have taken as long as that, and is back a moment later.
 */
final class CommitWatch {
    /** In how many looks one commit has to be under way to be slow. */
    static final int LOOKS = 5;

    private final LongSupplier busySinceNs;
    private long seenSinceNs;
    private int looks;

    /** @param busySinceNs when the commit under way began, 0 while there is none */
    CommitWatch(LongSupplier busySinceNs) {
        this.busySinceNs = busySinceNs;
    }

    /** Looks; to be called {@link #LOOKS} times in the time that a commit may take. */
    boolean isOneSlow() {
        long sinceNs = busySinceNs.getAsLong();
        if (sinceNs != seenSinceNs) {
            seenSinceNs = sinceNs;
            looks = 0;
        }
        looks++;
        return sinceNs != 0 && looks > LOOKS;
    }
}
