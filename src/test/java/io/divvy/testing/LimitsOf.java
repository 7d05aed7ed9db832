package io.divvy.testing;

import io.divvy.scheduler.Limits;
import java.util.function.Consumer;

/** The default limits with some of them changed, so that a test reaches them. */
public final class LimitsOf {
    /** Longer than any test turns its clock. */
    private static final long NEVER_MS = 1L << 40;

    private LimitsOf() {}

    /** Nobody is helped with what it holds or asked to give it back, however long it takes. */
    public static Limits noTailRules() {
        return with(draft -> {
            draft.tailCheckMs = NEVER_MS;
            draft.tailSlowestCheckMs = NEVER_MS;
            draft.holdMs = NEVER_MS;
        });
    }

    public static Limits with(Consumer<Limits.Draft> changes) {
        return Limits.DEFAULT.with(changes);
    }

    /** The same limits but for those that are changed. */
    public static Limits with(Limits limits, Consumer<Limits.Draft> changes) {
        return limits.with(changes);
    }
}
