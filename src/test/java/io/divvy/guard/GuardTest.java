package io.divvy.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GuardTest {
    /** An error that nobody can have in a list. */
    private static class Unheard extends Error {
        private static final long serialVersionUID = 1;

        Unheard(@Nullable String message) {
            super(message);
        }
    }

    private static final class Unspeakable extends Unheard {
        private static final long serialVersionUID = 1;

        Unspeakable() {
            super(null);
        }

        @Override
        public String getMessage() {
            throw new IllegalStateException("not even that");
        }

        @Override
        public synchronized Throwable getCause() {
            throw new IllegalStateException("nor that");
        }

        @Override
        public String toString() {
            throw new StackOverflowError();
        }

        @Override
        public void printStackTrace(PrintWriter to) {
            to.print("first words ");
            throw new Unheard("nor those");
        }
    }

    private static final class OwnCause extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable getCause() {
            return new OwnCause();
        }
    }

    private static Failure failure(Guard.Code<Object> code) {
        return assertInstanceOf(Outcome.Failed.class, Guard.call(code)).failure();
    }

    private static Failure thrown(Throwable e) {
        return failure(() -> {
            if (e instanceof Exception exception) {
                throw exception;
            }
            throw (Error) e;
        });
    }

    private static int recurse(int depth) {
        return recurse(depth + 1) + depth;
    }

    @Test
    void aCallThatReturnsGivesItsValue() {
        assertEquals(new Outcome.Returned<>(7), Guard.call(() -> 7));
        assertNull(Guard.run(() -> {}));
    }

    @Test
    void anErrorOfItsOwnIsAFailureWithClassAndMessage() {
        assertEquals(
                "io.divvy.guard.GuardTest$Unheard: of",
                thrown(new Unheard("of")).text());
        assertEquals(
                "io.divvy.guard.GuardTest$Unheard", thrown(new Unheard(null)).text());
    }

    @Test
    void nullIsAFailure() {
        assertEquals(
                "java.lang.NullPointerException: it returned null",
                failure(() -> null).text());
    }

    @Test
    void anExceptionWhoseOwnMethodsThrowIsStillAFailure() {
        Failure failure = thrown(new Unspeakable());
        assertEquals(
                "io.divvy.guard.GuardTest$Unspeakable: (its message cannot be read: getMessage() threw"
                        + " java.lang.IllegalStateException)",
                failure.text());
        assertFalse(failure.putsProcessInDoubt());
        assertEquals(failure, failure.root());
        assertEquals(
                "first words  (its stack trace cannot be written: io.divvy.guard.GuardTest$Unheard)", failure.detail());
    }

    @Test
    void aLongMessageIsCut() {
        String text = thrown(new Unheard("x".repeat(5_000_000))).text();
        assertTrue(text.length() <= Failure.MAX_TEXT_CHARS + 1, () -> text.length() + " chars");
        assertTrue(thrown(new Unheard("x".repeat(5_000_000))).detail().length() < 10_000);
    }

    @Test
    void aChainOfCausesWithoutAnEndIsNotFollowedForEver() {
        assertEquals(
                "io.divvy.guard.GuardTest$OwnCause",
                thrown(new OwnCause()).root().text());
    }

    @Test
    void theRootCauseOfAFailureHasItsText() {
        Exception outer = new IllegalStateException("outer", new IllegalArgumentException("inner"));
        assertEquals(
                "java.lang.IllegalArgumentException: inner",
                thrown(outer).root().text());
    }

    @Test
    void aStackThatWasUsedUpIsAFailureAndNoDoubt() {
        Failure failure = failure(() -> recurse(0));
        assertEquals("java.lang.StackOverflowError", failure.text());
        assertFalse(failure.putsProcessInDoubt());
    }

    @Test
    void memoryThatWasUsedUpPutsTheProcessInDoubt() {
        assertTrue(failure(() -> new long[Integer.MAX_VALUE][Integer.MAX_VALUE]).putsProcessInDoubt());
        assertTrue(thrown(new InternalError("broken")).putsProcessInDoubt());
        Exception wrapped = new IllegalStateException(new OutOfMemoryError("as if"));
        assertTrue(thrown(wrapped).putsProcessInDoubt());
        assertFalse(thrown(new AssertionError()).putsProcessInDoubt());
    }

    @Test
    void anInterruptEndsWithTheCall() {
        Failure failure = failure(() -> {
            Thread.currentThread().interrupt();
            return new CountDownLatch(1).await(1, TimeUnit.MINUTES);
        });
        assertEquals("java.lang.InterruptedException", failure.text());
        assertNull(Guard.run(() -> Thread.currentThread().interrupt()));
        assertFalse(Thread.currentThread().isInterrupted());
    }
}
