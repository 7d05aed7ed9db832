package io.divvy.server;

import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.task.TaskType;
import org.jspecify.annotations.Nullable;

/** Where the code of each type runs. */
final class TypeLanes {
    /** A lane for one task of the type. */
    TypeLane of(@Nullable TaskType type) {
        return TypeLane.INLINE;
    }

    /** Runs code in a lane, and waits for it. Not on the loop. */
    <T> Outcome<T> await(TypeLane lane, Guard.Code<T> code) {
        return Guard.call(code);
    }
}
