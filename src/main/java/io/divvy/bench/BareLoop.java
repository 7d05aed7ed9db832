package io.divvy.bench;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The sum of squares as one would write it without Divvy: a loop on each thread, exact in 128 bits. */
final class BareLoop {
    private BareLoop() {}

    /** The squares of 1 to {@code end}. */
    static BigInteger sum(long end, int threads) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<BigInteger>> parts = new ArrayList<>();
            for (int part = 0; part < threads; part++) {
                long from = 1 + end / threads * part;
                long to = part == threads - 1 ? end : end / threads * (part + 1);
                parts.add(pool.submit(() -> sumOf(from, to)));
            }
            BigInteger sum = BigInteger.ZERO;
            for (Future<BigInteger> part : parts) {
                sum = sum.add(part.get());
            }
            return sum;
        } finally {
            pool.shutdown();
        }
    }

    private static BigInteger sumOf(long from, long to) {
        long low = 0;
        long high = 0;
        for (long number = from; number <= to; number++) {
            long square = number * number;
            low += square;
            high += Math.multiplyHigh(number, number) + (Long.compareUnsigned(low, square) < 0 ? 1 : 0);
        }
        BigInteger upper = BigInteger.valueOf(high).shiftLeft(Long.SIZE);
        BigInteger lower = new BigInteger(Long.toUnsignedString(low));
        return upper.add(lower);
    }

    /** What the sum has to be. */
    static BigInteger formula(long end) {
        BigInteger n = BigInteger.valueOf(end);
        return n.multiply(n.add(BigInteger.ONE))
                .multiply(n.shiftLeft(1).add(BigInteger.ONE))
                .divide(BigInteger.valueOf(6));
    }
}
