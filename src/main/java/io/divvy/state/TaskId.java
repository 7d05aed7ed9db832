package io.divvy.state;

/**
 * The identity of a task: a time-ordered UUID that the server made, and that no other task ever has, on any server. What
 * workers hold, answer and offer belongs to it. What a sender chose to call the task is a {@link SubmitKey}.
 */
public record TaskId(String value) implements Comparable<TaskId> {
    @Override
    public int compareTo(TaskId other) {
        return value.compareTo(other.value);
    }

    /** Written out, as the hash is: what a record comes with costs several times as much, and ids are looked up all the time. */
    @Override
    public boolean equals(Object other) {
        return other instanceof TaskId id && value.equals(id.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
