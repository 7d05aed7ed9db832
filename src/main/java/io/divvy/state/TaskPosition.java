package io.divvy.state;

/**
 * Where a task stands in the list of all tasks, the newest first. It never changes, so a list that is read page by page goes
 * on where it stopped, whatever came and went meanwhile.
 *
 * @param submittedMs since the epoch
 */
public record TaskPosition(long submittedMs, TaskId id) implements Comparable<TaskPosition> {

    /** The newest first; those of one millisecond by their ids, the greatest first. */
    @Override
    public int compareTo(TaskPosition other) {
        int newer = Long.compare(other.submittedMs, submittedMs);
        return newer != 0 ? newer : other.id.value().compareTo(id.value());
    }
}
