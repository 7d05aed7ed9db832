package io.divvy.scheduler;

/**
 * What is known of the single subtasks of one task takes about so much memory. It grows with what workers do, not with the
 * task: each lease may open a chunk, each answer may leave a gap, and each failure is remembered until its subtask is closed.
 */
final class SubtaskBytes implements IndexRanges.Tally {
    /** A task that has no more is never held back. */
    static final long TRIFLE = 1_024;

    /** A subtask that went wrong, with the timer of its next attempt; a heap shows 200, and some more of a suspect. */
    static final long HISTORY = 300;
    /** A range in a set of indexes: two bounds, and as much again that an array has to spare. */
    static final long RANGE = 32;
    /** A range of failed subtasks, which the task knows, and its chunk until that is closed. */
    static final long FAILED_RANGE = 2 * RANGE;
    /** A chunk of which something is open, with its first ranges. */
    static final long CHUNK = 900;

    private static final long RANGES_OF_A_CHUNK = 4;

    private final TaskRoom.Account account;
    private long histories;
    private long ranges;
    private long chunks;
    private boolean hasEnded;

    SubtaskBytes(TaskRoom.Account account) {
        this.account = account;
    }

    /** The first chunk is charged with its task. */
    static long of(long histories, long ranges, long chunks) {
        return histories * HISTORY
                + Math.max(0, ranges - RANGES_OF_A_CHUNK * chunks) * RANGE
                + Math.max(0, chunks - 1) * CHUNK;
    }

    void addHistories(long by) {
        histories += by;
        count();
    }

    /** So many ranges more in the sets of open chunks, or fewer. */
    @Override
    public void add(int by) {
        ranges += by;
        count();
    }

    void addChunks(long by) {
        chunks += by;
        count();
    }

    private void count() {
        if (!hasEnded) {
            account.set(of(histories, ranges, chunks));
        }
    }

    /** The task ended, and all of this goes with it. */
    void end() {
        hasEnded = true;
        account.set(0);
    }

    long bytes() {
        return account.bytes();
    }

    boolean holdsBack() {
        return account.isHeldBack();
    }
}
