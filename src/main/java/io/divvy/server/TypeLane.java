package io.divvy.server;

import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.protocol.RefusedException;
import java.util.function.Consumer;

/**
 * Where the code of a task's type runs for one task: one call at a time, in the order in which they were asked for, and each
 * sees what those before it did. To be used on the loop.
 */
interface TypeLane {
    /** Runs code that is known to be quick, on the loop, before the call returns. */
    TypeLane INLINE = new TypeLane() {
        @Override
        public boolean isForeign() {
            return false;
        }

        @Override
        public void begin(String call) {
            // Nobody takes the time.
        }

        @Override
        public <T> void call(String what, long bytes, Guard.Code<T> code, Consumer<Outcome<T>> then) {
            then.accept(Guard.call(code));
        }

        @Override
        public void end() {
            // Nothing waits in it.
        }
    };

    /** Whether the code is not ours, so that it runs off the loop and under a time limit. */
    boolean isForeign();

    /** To be called by what runs in the lane before each call of foreign code: from here on its time is taken. */
    void begin(String call);

    /**
     * Runs code of the type. It fails without having run where a call before it never returned, where the type is refused, or
     * where too much waits for its code; the last two with a {@link RefusedException}.
     *
     * @param what is done, for people
     * @param bytes that are kept until it has run
     * @param then hears on the loop what became of it, after {@code then} of all calls before
     */
    <T> void call(String what, long bytes, Guard.Code<T> code, Consumer<Outcome<T>> then);

    /** The same for code that gives nothing. */
    default void run(String what, long bytes, Guard.Action action, Consumer<Outcome<Boolean>> then) {
        call(
                what,
                bytes,
                () -> {
                    action.run();
                    return true;
                },
                then);
    }

    /** The task has ended: what still waits never runs, and fails before this returns. What runs is heard of, too. */
    void end();
}
