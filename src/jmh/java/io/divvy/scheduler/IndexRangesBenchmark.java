package io.divvy.scheduler;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A lease is given and taken back in the middle of a set of so many ranges. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class IndexRangesBenchmark {
    private static final int SPACING = 100;
    private static final int LEASE = 40;

    @Param({"1", "16", "1024"})
    private int ranges;

    private final IndexRanges set = new IndexRanges();
    private long middle;

    @Setup
    public void fill() {
        for (int range = 0; range < ranges; range++) {
            set.add((long) range * SPACING, (long) range * SPACING + LEASE);
        }
        middle = (long) ranges / 2 * SPACING + LEASE + LEASE / 2;
    }

    @Benchmark
    public long addAndRemove() {
        return set.add(middle, middle + LEASE / 4) - set.remove(middle, middle + LEASE / 4);
    }

    @Benchmark
    public boolean contains() {
        return set.contains(middle);
    }
}
