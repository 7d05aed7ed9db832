package io.divvy.scheduler;

/** Names a task: a time-ordered UUID, or the sender's own id in dialect 1. */
public record TaskId(String value) implements Comparable<TaskId> {
    @Override
    public int compareTo(TaskId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
