package io.divvy.scheduler;

/** Opens to the simulated world what only tests of the core see. */
public final class CoreInspection {
    private CoreInspection() {}

    /** Throws unless every invariant of the core holds. */
    public static void checkInvariants(Scheduler core) {
        core.checkInvariants();
    }

    /** Whether a worker gets nothing because the core takes it to stand still. */
    public static boolean isStalled(Scheduler core, WorkerId worker) {
        return core.isStalled(worker);
    }

    /** Whether something waits for a commit or for the time, or is counted as unsaved. */
    public static boolean waitsForSomething(Scheduler core) {
        return core.waitsForSomething();
    }
}
