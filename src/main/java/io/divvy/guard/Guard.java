package io.divvy.guard;

import org.jspecify.annotations.Nullable;

/**
 * The one place where foreign code is called from, on the server and on workers. Whatever it throws, an {@link Error} of its
 * own too, is its failure and goes no further.
 *
 * <p>An interrupt that was meant for the call ends with it: it never hits what the thread does next.
 */
public final class Guard {
    private Guard() {}

    /** Foreign code that makes something. */
    @FunctionalInterface
    public interface Code<T> {
        @Nullable
        T run() throws Exception;
    }

    /** Foreign code that does something. */
    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    /** Calls code that has to return something: null is a failure as well. */
    public static <T> Outcome<T> call(Code<? extends T> code) {
        try {
            T value = code.run();
            return value == null
                    ? new Outcome.Failed<>(Failure.of(new NullPointerException("it returned null")))
                    : new Outcome.Returned<>(value);
        } catch (Throwable e) {
            return new Outcome.Failed<>(Failure.of(e));
        } finally {
            Thread.interrupted();
        }
    }

    /** Returns how the code failed, or null if it did not. Allocates nothing unless it did. */
    public static @Nullable Failure run(Action action) {
        try {
            action.run();
            return null;
        } catch (Throwable e) {
            return Failure.of(e);
        } finally {
            Thread.interrupted();
        }
    }
}
