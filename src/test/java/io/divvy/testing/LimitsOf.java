package io.divvy.testing;

import io.divvy.scheduler.Limits;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/** The default limits with some of them changed, so that a test reaches them. */
public final class LimitsOf {
    /** Longer than any test turns its clock. */
    private static final long NEVER_MS = 1L << 40;

    private LimitsOf() {}

    /** Nobody is helped with what it holds, however long it takes. */
    public static Limits noTailRules() {
        return with(with(Limits.DEFAULT, "tailCheckMs", NEVER_MS), "tailSlowestCheckMs", NEVER_MS);
    }

    public static Limits with(String limit, long value) {
        return with(Limits.DEFAULT, limit, value);
    }

    /** The same limits but for the one of that name. */
    public static Limits with(Limits limits, String limit, long value) {
        RecordComponent[] components = Limits.class.getRecordComponents();
        Object[] values = new Object[components.length];
        boolean found = false;
        try {
            for (int i = 0; i < components.length; i++) {
                values[i] = components[i].getAccessor().invoke(limits);
                if (components[i].getName().equals(limit)) {
                    found = true;
                    values[i] = values[i] instanceof Integer ? (Object) Math.toIntExact(value) : (Object) value;
                }
            }
            if (!found) {
                throw new IllegalArgumentException("there is no limit " + limit);
            }
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new);
            return Limits.class.getConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("limits are a public record", e);
        }
    }
}
