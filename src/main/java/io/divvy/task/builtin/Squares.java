package io.divvy.task.builtin;

import io.divvy.task.TaskContext;
import java.math.BigInteger;

/**
 * Adds squares in 128 bits, about as fast as a bare loop adds them in 64.
 *
 * <p>No carry is counted term by term. Let S be a sum of unsigned 64-bit values v. One accumulator takes all v and wraps: it
 * holds S mod 2^64. Another takes all {@code v >>> 32}; it never wraps, and S lies above 2^32 times it by the sum of the low
 * halves, which is far below 2^64. So that small difference is known exactly from the wrapped sum, and S from both.
 */
final class Squares {
    /** Of a term. Squares of such terms have at most 110 bits, so that their high words can be added up too. */
    static final int MAX_BITS = 55;

    /** Of terms whose squares can be added four at a time without leaving 64 bits. */
    private static final int MAX_SMALL_BITS = 31;

    /** Terms that are added before anybody is asked whether to go on, and before sums are folded into an object. */
    private static final int STRETCH = 1 << 16;

    /**
     * Fewer terms have a loop of their own. A loop is compiled for the lengths that it has met: one that began with the short
     * ranges of a task's first leases stays a fifth slower for the long ones.
     */
    private static final int FEW = 1 << 10;

    private Squares() {}

    /** @param bits the larger {@code bitLength} of both ends */
    static BigInteger sum(long start, long end, int bits, TaskContext context) throws InterruptedException {
        BigInteger sum = BigInteger.ZERO;
        for (long from = start; from <= end; from += STRETCH) {
            int terms = (int) Math.min(STRETCH, end - from + 1);
            sum = sum.add(sum(from, terms, bits));
            context.checkCancelled();
        }
        return sum;
    }

    private static BigInteger sum(long from, int terms, int bits) {
        if (terms < FEW) {
            return sumOfFew(from, terms);
        }
        return bits <= MAX_SMALL_BITS ? sumOfSmall(from, terms) : sumOfStretch(from, terms);
    }

    /** Counts each carry. */
    private static BigInteger sumOfFew(long from, int terms) {
        long low = 0;
        long high = 0;
        for (long term = from; term < from + terms; term++) {
            long square = term * term;
            low += square;
            high += Math.multiplyHigh(term, term) + (Long.compareUnsigned(low, square) < 0 ? 1 : 0);
        }
        BigInteger upper = BigInteger.valueOf(high).shiftLeft(Long.SIZE);
        return upper.add(BigInteger.valueOf(low >>> 1).shiftLeft(1)).add(BigInteger.valueOf(low & 1));
    }

    private static BigInteger sumOfSmall(long from, int terms) {
        long wrapped = 0;
        long upper = 0;
        int done = 0;
        for (; done + 4 <= terms; done += 4) {
            long a = from + done;
            long b = a + 1;
            long c = a + 2;
            long d = a + 3;
            long squares = a * a + b * b + c * c + d * d;
            wrapped += squares;
            upper += squares >>> 32;
        }
        for (; done < terms; done++) {
            long square = (from + done) * (from + done);
            wrapped += square;
            upper += square >>> 32;
        }
        return unsigned(wrapped, upper);
    }

    private static BigInteger sumOfStretch(long from, int terms) {
        long wrapped = 0;
        long upper = 0;
        long high = 0;
        for (int done = 0; done < terms; done++) {
            long term = from + done;
            long low = term * term;
            wrapped += low;
            upper += low >>> 32;
            high += Math.multiplyHigh(term, term);
        }
        return BigInteger.valueOf(high).shiftLeft(Long.SIZE).add(unsigned(wrapped, upper));
    }

    private static BigInteger unsigned(long wrapped, long upper) {
        long lower = wrapped - (upper << 32);
        return BigInteger.valueOf(upper).shiftLeft(32).add(BigInteger.valueOf(lower));
    }
}
