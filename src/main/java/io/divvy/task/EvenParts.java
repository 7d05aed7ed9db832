package io.divvy.task;

/**
 * A total cut into parts whose sizes differ by at most one, the larger ones first.
 *
 * @param count from 1 to {@code total}; of a total of nothing there are no parts
 */
public record EvenParts(long total, long count) {
    public EvenParts {
        if (count < Math.min(1, total) || count > total) {
            throw new IllegalArgumentException("cannot cut " + total + " into " + count + " parts of at least 1");
        }
    }

    /** As many as wanted, or as many as there are. */
    public static EvenParts of(long total, long wanted) {
        return new EvenParts(total, Math.min(total, wanted));
    }

    /** Where a part begins; for {@code index == count()}, the end of the last one. */
    public long start(long index) {
        return count == 0 ? 0 : index * (total / count) + Math.min(index, total % count);
    }

    public long size(long index) {
        return start(index + 1) - start(index);
    }
}
