package io.divvy.store.sqlite;

import io.divvy.state.ChunkProgress;
import io.divvy.state.Range;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists of ascending numbers in few bytes: each is written as what it is more than the one before, seven bits a byte, the
 * lowest first; the highest bit says that there are more. A million indexes that are done in one piece take six bytes.
 */
final class Numbers {
    private static final int BITS = 7;
    private static final int MORE = 1 << BITS;

    private Numbers() {}

    static byte[] ofRanges(List<Range> ranges) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long before = 0;
        for (Range range : ranges) {
            write(bytes, range.from() - before);
            write(bytes, range.to() - range.from());
            before = range.to();
        }
        return bytes.toByteArray();
    }

    static List<Range> toRanges(byte[] bytes) {
        Reader reader = new Reader(bytes);
        List<Range> ranges = new ArrayList<>();
        long before = 0;
        while (reader.hasNext()) {
            long from = before + reader.next();
            before = from + reader.next();
            ranges.add(new Range(from, before));
        }
        return List.copyOf(ranges);
    }

    static byte[] ofAttempts(List<ChunkProgress.Attempts> all) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long before = 0;
        for (ChunkProgress.Attempts attempts : all) {
            write(bytes, attempts.index() - before);
            write(bytes, attempts.attempts());
            write(bytes, attempts.deaths());
            before = attempts.index();
        }
        return bytes.toByteArray();
    }

    static List<ChunkProgress.Attempts> toAttempts(byte[] bytes) {
        Reader reader = new Reader(bytes);
        List<ChunkProgress.Attempts> all = new ArrayList<>();
        long index = 0;
        while (reader.hasNext()) {
            index += reader.next();
            all.add(new ChunkProgress.Attempts(index, (int) reader.next(), (int) reader.next()));
        }
        return List.copyOf(all);
    }

    private static void write(ByteArrayOutputStream bytes, long number) {
        if (number < 0) {
            throw new IllegalArgumentException("the numbers of a list have to ascend, one is " + -number + " less");
        }
        long rest = number;
        while (rest >= MORE) {
            bytes.write((int) (rest % MORE) | MORE);
            rest >>>= BITS;
        }
        bytes.write((int) rest);
    }

    private static final class Reader {
        private final byte[] bytes;
        private int at;

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        boolean hasNext() {
            return at < bytes.length;
        }

        long next() {
            long number = 0;
            for (int shift = 0; at < bytes.length && shift < Long.SIZE; shift += BITS) {
                byte next = bytes[at++];
                number |= (long) (next & (MORE - 1)) << shift;
                if (next >= 0) {
                    return number;
                }
            }
            throw new IllegalStateException("a stored list of numbers ends in the middle of one");
        }
    }
}
