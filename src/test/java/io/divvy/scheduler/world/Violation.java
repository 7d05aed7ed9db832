package io.divvy.scheduler.world;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Something happened in the world that must never happen. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    Violation(String message) {
        super(message);
    }

    Violation(String message, Throwable cause) {
        super(message, cause);
    }

    static void unless(boolean holds, Supplier<String> message) {
        if (!holds) {
            throw new Violation(message.get());
        }
    }

    static <T> T ifNull(@Nullable T value, Supplier<String> message) {
        if (value == null) {
            throw new Violation(message.get());
        }
        return value;
    }
}
