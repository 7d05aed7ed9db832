package io.divvy.scheduler.world;

/** The times that one life of the server goes by: its clock as the core takes it, and what of that its peers had. */
final class PeerTime {
    private final World world;
    private long lostMs;
    /** How far peers' time went back altogether: no time passed for the core while the clock was behind, and more was lost. */
    private long setBackMs;

    private long coreMs;

    PeerTime(World world) {
        this.world = world;
    }

    /** The server stood still for so long. */
    void lost(long ms) {
        long beforeMs = coreMs - lostMs;
        lostMs += ms;
        setBackMs += Math.max(0, beforeMs - peerMs());
    }

    /** The clock as the core sees it: it never runs backwards. To be asked whenever the core looks at that clock. */
    long coreMs() {
        coreMs = Math.max(coreMs, world.clockMs());
        return coreMs;
    }

    /** The time that workers had to be heard, by the server's clock. */
    long peerMs() {
        return coreMs() - lostMs;
    }

    long setBackMs() {
        return setBackMs;
    }
}
