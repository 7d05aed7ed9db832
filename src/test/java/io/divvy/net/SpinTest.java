package io.divvy.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SpinTest {
    private static final long MOST_MICROS = 50;
    private static final Spin.Look NOTHING = () -> false;

    private long nanos;
    private final Spin spin = new Spin(MOST_MICROS, () -> nanos);

    @Test
    void theLoopSleepsAtOnceBeforeAWaitWasMeasured() throws IOException {
        assertFalse(spin.findsWork(SpinTest::mustNotBeAsked));
    }

    @Test
    void theLoopSpinsOnceWorkComesQuickly() throws IOException {
        waitedOften(20);

        assertTrue(spin.findsWork(workAfterMicros(30)));
        assertEquals(TimeUnit.MICROSECONDS.toNanos(30), nanos);
    }

    @Test
    void theLoopSpinsNoLongerThanItsBound() throws IOException {
        waitedOften(20);
        long startNanos = nanos;

        assertFalse(spin.findsWork(workAfterMicros(10_000)));
        assertEquals(TimeUnit.MICROSECONDS.toNanos(MOST_MICROS), nanos - startNanos);
    }

    @Test
    void theLoopSleepsAtOnceWhileWorkIsRare() throws IOException {
        waitedOften(20);
        waitedOften(MOST_MICROS + 1);

        assertFalse(spin.findsWork(SpinTest::mustNotBeAsked));
    }

    @Test
    void theLoopSpinsAgainSomeShortWaitsAfterALongOne() throws IOException {
        waitedOften(20);
        waited(60_000_000);
        assertFalse(spin.findsWork(SpinTest::mustNotBeAsked));

        for (int i = 0; i < 8; i++) {
            waited(20);
        }
        assertTrue(spin.findsWork(() -> true));
    }

    @Test
    void theLoopNeverSpinsWithABoundOfZero() throws IOException {
        Spin none = new Spin(0, () -> nanos);
        none.waited(0);

        assertFalse(none.findsWork(NOTHING));
        assertFalse(none.findsWork(SpinTest::mustNotBeAsked));
    }

    private void waitedOften(long micros) {
        for (int i = 0; i < 100; i++) {
            waited(micros);
        }
    }

    private void waited(long micros) {
        spin.waited(TimeUnit.MICROSECONDS.toNanos(micros));
    }

    /** Each look takes a microsecond. */
    private Spin.Look workAfterMicros(long micros) {
        long dueNanos = nanos + TimeUnit.MICROSECONDS.toNanos(micros);
        return () -> {
            nanos += 1_000;
            return nanos >= dueNanos;
        };
    }

    private static boolean mustNotBeAsked() {
        throw new AssertionError("it looked for work instead of sleeping");
    }
}
