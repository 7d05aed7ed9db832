package io.divvy.guard;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * How foreign code failed, in words that are safe to keep and to pass on: short, whatever the exception says, and there even
 * if the exception's own methods throw.
 */
public final class Failure {
    /** What is said of a failure at most: it has to fit into a message and into a log. */
    public static final int MAX_TEXT_CHARS = 2_000;

    private static final int MAX_DETAIL_CHARS = 8_000;
    /** Causes that are followed: a chain can be endless, as it is made by foreign code. */
    private static final int MAX_CAUSES = 16;

    private static final Failure UNSPEAKABLE =
            new Failure(new OutOfMemoryError("there was no memory to say what failed"), "java.lang.OutOfMemoryError");

    private final Throwable cause;
    private final String text;

    private Failure(Throwable cause, String text) {
        this.cause = cause;
        this.text = text;
    }

    public static Failure of(Throwable cause) {
        try {
            return new Failure(cause, describe(cause));
        } catch (OutOfMemoryError e) {
            return UNSPEAKABLE;
        }
    }

    /** Of a call that was given up: it did not come back in its time. */
    public static Failure unreturned(String call, long afterMs) {
        String text = call + " did not return within " + afterMs + " ms";
        return new Failure(new TimeoutException(text), text);
    }

    /** The class of the exception, and its message if it has one; or which call did not return. */
    public String text() {
        return text;
    }

    /** As it was thrown. Its methods are foreign code. */
    public Throwable cause() {
        return cause;
    }

    /** The failure at the bottom of this one: what it was caused by, and so on. */
    public Failure root() {
        Throwable root = cause;
        for (int depth = 0; depth < MAX_CAUSES; depth++) {
            Throwable next = causeOf(root);
            if (next == null || next == root) {
                break;
            }
            root = next;
        }
        return root == cause ? this : of(root);
    }

    /**
     * Whether the whole process is in doubt, as others may have lacked what this one lacked: the memory was used up, or the
     * machine itself says that it is broken. A stack that was used up is free again.
     */
    public boolean putsProcessInDoubt() {
        Throwable next = cause;
        for (int depth = 0; next != null && depth < MAX_CAUSES; depth++) {
            if (next instanceof VirtualMachineError && !(next instanceof StackOverflowError)) {
                return true;
            }
            next = causeOf(next);
        }
        return false;
    }

    /** The stack trace, or the beginning of it. */
    public String detail() {
        BoundedText detail = new BoundedText();
        try (PrintWriter print = new PrintWriter(detail)) {
            cause.printStackTrace(print);
        } catch (Throwable e) {
            return detail + " (its stack trace cannot be written: "
                    + e.getClass().getName() + ")";
        }
        return detail.toString();
    }

    @Override
    public String toString() {
        return text;
    }

    private static String describe(Throwable cause) {
        String name = cause.getClass().getName();
        String message;
        try {
            message = cause.getMessage();
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (Throwable e) {
            message = "(its message cannot be read: getMessage() threw "
                    + e.getClass().getName() + ")";
        }
        return bounded(message == null ? name : bounded(name) + ": " + bounded(message));
    }

    private static String bounded(String text) {
        return text.length() <= MAX_TEXT_CHARS ? text : text.substring(0, MAX_TEXT_CHARS) + "…";
    }

    private static @Nullable Throwable causeOf(Throwable of) {
        try {
            return of.getCause();
        } catch (Throwable e) {
            return null; // It does not say.
        }
    }

    /** Takes what fits, and drops the rest. */
    private static final class BoundedText extends Writer {
        private final StringBuilder text = new StringBuilder();

        @Override
        public void write(char[] chars, int from, int count) {
            text.append(chars, from, Math.max(0, Math.min(count, MAX_DETAIL_CHARS - text.length())));
        }

        @Override
        public void write(String string, int from, int count) {
            int end = from + Math.max(0, Math.min(count, MAX_DETAIL_CHARS - text.length()));
            text.append(string, from, end);
        }

        @Override
        public void flush() {
            // It is all here.
        }

        @Override
        public void close() {
            // Nothing is held open.
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
