package io.divvy.task.builtin;

import io.divvy.task.TaskContext;
import java.util.Arrays;

/**
 * The sieve of Eratosthenes, segment by segment, over odd numbers alone. It needs the primes up to the square root of the
 * end, so a range should be longer than that root for the work to be in the range.
 */
final class PrimeSieve {
    /** The primes up to its root, 10^8, take 23 MB and about half a second. */
    static final long MAX = 10_000_000_000_000_000L;

    /** Odd numbers in a segment. The lower bound fits into the first cache, 32 KiB; the upper one is 1 MiB. */
    private static final int MIN_SEGMENT = 1 << 18;

    private static final int MAX_SEGMENT = 1 << 23;

    private PrimeSieve() {}

    /**
     * How many primes there are from {@code first} to {@code last}, both included.
     *
     * @param last at most {@link #MAX}
     */
    static long count(long first, long last, TaskContext context) throws InterruptedException {
        long count = first <= 2 && last >= 2 ? 1 : 0;
        long low = Math.max(3, first | 1);
        if (low > last) {
            return count;
        }
        int root = squareRoot(last);
        int[] primes = oddPrimes(root);
        int segment = (int) Math.min(Math.max(MIN_SEGMENT, Math.min(MAX_SEGMENT, root)), oddNumbers(low, last));
        long[] composite = new long[words(segment)];
        for (; low <= last; low += 2L * segment) {
            int odds = (int) Math.min(segment, oddNumbers(low, last));
            Arrays.fill(composite, 0);
            strike(composite, low, odds, primes);
            count += odds - bitCount(composite);
            context.checkCancelled();
        }
        return count;
    }

    /** Sets bit i where {@code low + 2 i} is composite. */
    private static void strike(long[] composite, long low, int odds, int[] primes) {
        long high = low + 2L * (odds - 1);
        for (int prime : primes) {
            long square = (long) prime * prime;
            if (square > high) {
                return;
            }
            long multiple = square;
            if (square < low) {
                multiple = (low + prime - 1) / prime * prime;
                multiple += (multiple & 1) == 0 ? prime : 0;
            }
            for (int i = (int) Math.min(odds, (multiple - low) / 2); i < odds; i += prime) {
                composite[i >> 6] |= 1L << i;
            }
        }
    }

    /** The primes from 3 to {@code last}. */
    private static int[] oddPrimes(int last) {
        int odds = Math.max(0, (last - 1) / 2);
        long[] composite = new long[words(odds)]; // Of 3 + 2 i.
        for (int prime = 3; (long) prime * prime <= last; prime += 2) {
            if (!isSet(composite, (prime - 3) / 2)) {
                for (int i = (prime * prime - 3) / 2; i < odds; i += prime) {
                    composite[i >> 6] |= 1L << i;
                }
            }
        }
        int[] primes = new int[odds - bitCount(composite)];
        int count = 0;
        for (int i = 0; i < odds; i++) {
            if (!isSet(composite, i)) {
                primes[count++] = 3 + 2 * i;
            }
        }
        return primes;
    }

    private static int bitCount(long[] bits) {
        int count = 0;
        for (long word : bits) {
            count += Long.bitCount(word);
        }
        return count;
    }

    private static boolean isSet(long[] bits, int i) {
        return (bits[i >> 6] & 1L << i) != 0;
    }

    private static int words(int bits) {
        return (bits + Long.SIZE - 1) / Long.SIZE;
    }

    /** From {@code low}, which is odd. */
    private static long oddNumbers(long low, long last) {
        return (last - low) / 2 + 1;
    }

    private static int squareRoot(long value) {
        long root = (long) Math.sqrt((double) value);
        while (root * root > value) {
            root--;
        }
        while ((root + 1) * (root + 1) <= value) {
            root++;
        }
        return (int) root;
    }
}
