package io.divvy.bench;

/** The subtask of most shapes: ten squares, so that next to nothing of what is measured is computing. */
final class SquareRange {
    static final int NUMBERS = 10;

    private SquareRange() {}

    /** Where the numbers of a subtask begin. */
    static long start(long index) {
        return index * NUMBERS;
    }

    /** The sum of the squares of ten numbers. */
    static long sum(long start) {
        long sum = 0;
        for (long number = start; number < start + NUMBERS; number++) {
            sum += number * number;
        }
        return sum;
    }

    /** The sum over all subtasks, modulo 2^64: sums that wrap the same way are compared with it. */
    static long sumOfAll(long subtasks) {
        long sum = 0;
        for (long index = 0; index < subtasks; index++) {
            sum += sum(start(index));
        }
        return sum;
    }
}
