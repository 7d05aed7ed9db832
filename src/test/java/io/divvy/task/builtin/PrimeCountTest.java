package io.divvy.task.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.JsonText;
import io.divvy.task.Subject;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import java.math.BigInteger;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrimeCountTest {
    private final PrimeCount type = new PrimeCount();
    private final Subject primeCount = new Subject(type);

    /** OEIS A006880: how many primes are at most 10^n. */
    @ParameterizedTest
    @CsvSource({
        "10, 4",
        "100, 25",
        "1000, 168",
        "10000, 1229",
        "1000000, 78498",
        "10000000, 664579",
        "100000000, 5761455"
    })
    void countsWhatTheTablesSay(long end, long primes) throws Exception {
        assertEquals(primes, count(1, end, 7));
    }

    @ParameterizedTest
    @CsvSource({
        "-100, 1, 0",
        "-5, 2, 1",
        "0, 0, 0",
        "1, 1, 0",
        "2, 2, 1",
        "2, 3, 2",
        "3, 3, 1",
        "4, 4, 0",
        "8, 10, 0",
        "9, 9, 0",
        "25, 25, 0",
        "113, 113, 1",
        "114, 126, 0",
        // The squares of primes around a segment's end, 2^19 numbers above its start.
        "516961, 516961, 0",
        "524287, 524287, 1",
        "524288, 524291, 0"
    })
    void countsBothEnds(long start, long end, long primes) throws Exception {
        assertEquals(primes, count(start, end, 1));
    }

    /** Miller and Rabin with 50 rounds is no sieve, and as good as sure. */
    @ParameterizedTest
    @CsvSource({
        "2147483000, 2147484000",
        "999999000000, 999999003000",
        "99999999990000, 99999999993000",
        "9999999999999000, 10000000000000000"
    })
    void findsLargePrimesOneByOneToo(long start, long end) throws Exception {
        long primes = LongStream.rangeClosed(start, end)
                .filter(number -> BigInteger.valueOf(number).isProbablePrime(50))
                .count();
        assertEquals(primes, count(start, end, 2));
    }

    @Test
    void randomRangesAgreeWithTrialDivision() throws Exception {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            long start = random.nextInt(2_000_000) - 1_000;
            long end = start + random.nextInt(3_000);
            long primes = LongStream.rangeClosed(start, end)
                    .filter(PrimeCountTest::isPrime)
                    .count();
            assertEquals(primes, count(start, end, 1 + random.nextInt(5)), "seed " + seed);
        }
    }

    @Test
    void manySegmentsGiveWhatOneGives() throws Exception {
        Subtasks parts = type.split(params(1_000_000_000_000L, 1_000_010_000_000L), 1_000L);
        long folded = type.rangeFolder()
                .foldRange(parts, 0, 1_000, Subject.UNDISTURBED)
                .longValue();
        assertEquals(count(1_000_000_000_000L, 1_000_010_000_000L, 1_000), folded);
        // Counted once number by number, with isProbablePrime.
        assertEquals(361_726, folded);
    }

    @Test
    void stopsWhenNobodyWantsItsResultAnyMore() {
        TaskContext cancelled = new TaskContext() {
            @Override
            public long index() {
                return 0;
            }

            @Override
            public void checkCancelled() throws InterruptedException {
                throw new InterruptedException("cancelled");
            }
        };
        // It would take a day to its end.
        assertThrows(InterruptedException.class, () -> type.process(params(1, 1_000_000_000_000_000L), cancelled));
    }

    @Test
    void anEndThatIsTooLargeToSieveIsRefused() {
        String problem = "params.end: expected at most 10000000000000000, got 10000000000000001;"
                + " a sieve needs all primes up to the square root of it";
        assertEquals(problem, primeCount.complaint("{\"start\":1,\"end\":10000000000000001}"));
        InvalidParamsException refused = assertThrows(
                InvalidParamsException.class, () -> primeCount.process("{\"start\":1,\"end\":10000000000000001}"));
        assertEquals(problem, refused.getMessage());
        assertEquals("params.start: expected a whole number, got nothing", primeCount.complaint("{\"end\":3}"));
    }

    private long count(long start, long end, long subtasks) throws Exception {
        return primeCount.answer(params(start, end).toString(), subtasks).longValue();
    }

    private static ObjectNode params(long start, long end) {
        return JsonText.object("{\"start\":%d,\"end\":%d}".formatted(start, end));
    }

    private static boolean isPrime(long number) {
        return number >= 2
                && LongStream.iterate(2, divisor -> divisor * divisor <= number, divisor -> divisor + 1)
                        .noneMatch(divisor -> number % divisor == 0);
    }
}
