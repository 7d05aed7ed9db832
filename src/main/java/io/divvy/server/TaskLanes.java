package io.divvy.server;

import io.divvy.protocol.TaskObject;
import java.util.function.Supplier;

/**
 * Where the code that one task needs runs.
 *
 * @param lane of its type's code
 * @param large makes the lane in which its results are combined once they are large, if they are combined by code of ours
 */
record TaskLanes(TypeLane lane, Supplier<TypeLane> large) {
    /** All on the loop, whatever its size. */
    static final TaskLanes INLINE = new TaskLanes(TypeLane.INLINE, () -> TypeLane.INLINE);

    /** Where what is known to be large is looked at: off the loop. */
    TypeLane forLarge() {
        return lane == TypeLane.INLINE ? large.get() : lane;
    }

    /** A task that brings all that its type would have to say needs no code of it. */
    static boolean needCodeOfType(TaskObject task) {
        return task.payloads() == null || task.combine() == null;
    }
}
