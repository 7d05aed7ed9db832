package io.divvy.store;

/**
 * How much of what is finished a store keeps: the newest, within three bounds.
 *
 * @param ms for how long, since the task finished
 * @param tasks how many
 * @param bytes that they may take together; the newest task is kept whatever its size
 */
public record Retention(long ms, int tasks, long bytes) {
    /** A week: long enough to look on Monday at what ran on Friday. */
    public static final Retention DEFAULT = new Retention(7L * 24 * 3600 * 1000, 100_000, 256L << 20);
}
