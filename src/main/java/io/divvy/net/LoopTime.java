package io.divvy.net;

/**
 * The two times that a loop keeps. What it owes goes by the clock. What peers owe goes by the time that they had: the clock
 * without what the loop lost, because the process was stopped for instance. A pause of this process is not a death of its
 * peers.
 */
final class LoopTime {
    private final Clock clock;
    private long nowMs;
    /** How long the loop was away so far, beyond what it asked for. */
    private long lostMs;
    /** When it last came back from its sleep, by {@link Clock#elapsedMs}. */
    private long lookedMs;
    /** How long the last sleep was to be at most. */
    private long askedMs;

    LoopTime(Clock clock) {
        this.clock = clock;
        this.nowMs = clock.nowMs();
        this.lookedMs = clock.elapsedMs();
    }

    /** The loop runs from here on: nothing was lost before. */
    void start() {
        lookedMs = clock.elapsedMs();
    }

    /** That of the clock at the last look, in milliseconds since the epoch. */
    long nowMs() {
        return nowMs;
    }

    /** The time that peers had: that of the clock, without what the loop lost. */
    long peerMs() {
        return nowMs - lostMs;
    }

    /** When something by {@link #peerMs} is due by the clock, if nothing more is lost. */
    long ofPeer(long peerMs) {
        return peerMs + lostMs;
    }

    /** For how long the loop has run. */
    long ranMs() {
        return lookedMs - lostMs;
    }

    /** How long from now it is until a time of the clock. */
    long untilMs(long dueMs) {
        return dueMs - clock.nowMs();
    }

    /** The loop sleeps for so long at most. */
    void sleeps(long atMostMs) {
        askedMs = atMostMs;
    }

    /** Looks at the clock. */
    void look() {
        nowMs = Math.max(nowMs, clock.nowMs());
    }

    /** The loop came back from its sleep. Returns how much longer it was away than it asked for and a turn may take, or 0. */
    long takeLost() {
        long sinceMs = lookedMs;
        lookedMs = clock.elapsedMs();
        long ms = lookedMs - sinceMs - askedMs - NetLimits.LONGEST_TURN_MS;
        if (ms <= 0) {
            return 0;
        }
        lostMs += ms;
        look(); // The clock may have been read just before the pause.
        return ms;
    }
}
