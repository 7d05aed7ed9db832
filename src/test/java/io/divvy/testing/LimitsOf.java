package io.divvy.testing;

import io.divvy.scheduler.Limits;

/** The default limits with some of them changed, so that a test reaches them. */
public final class LimitsOf {
    /** Longer than any test turns its clock. */
    private static final long NEVER_MS = 1L << 40;

    private LimitsOf() {}

    /** Nobody is helped with what it holds or asked to give it back, however long it takes. */
    public static Limits noTailRules() {
        Limits withoutLooks = with(with(Limits.DEFAULT, "tailCheckMs", NEVER_MS), "tailSlowestCheckMs", NEVER_MS);
        return with(withoutLooks, "holdMs", NEVER_MS);
    }

    public static Limits with(String limit, long value) {
        return with(Limits.DEFAULT, limit, value);
    }

    /** The same limits but for the one of that name. */
    public static Limits with(Limits limits, String limit, long value) {
        return RecordOf.with(limits, limit, value);
    }
}
