package io.divvy.scheduler.world;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import org.jspecify.annotations.Nullable;

/**
 * What a sender sent, until it has an answer. If the server dies first it sends that again. Each time it comes to a server it
 * gets another id; without a key it may become two tasks.
 */
final class Submission {
    final SimulatedTask wanted;
    /** Whether another task was submitted under its key before. */
    final boolean mayConflict;

    private @Nullable TaskId id;
    private boolean isAnswered;

    Submission(SimulatedTask wanted, boolean mayConflict) {
        this.wanted = wanted;
        this.mayConflict = mayConflict;
    }

    /** It comes to a server: what would be done if it is new. */
    SimulatedTask arrives(TaskId newId) {
        id = newId;
        return wanted.under(newId);
    }

    /** @param isTaken whether the task exists, or only another one of its key */
    void answered(SimulatedTask task, boolean isTaken, World world) {
        Violation.unless(
                isTaken || mayConflict || world.mayConflict(wanted.spec), () -> this + " conflicts with " + task.spec);
        SubmitKey key = wanted.spec.submitKey();
        Violation.unless(
                task.spec.id().equals(id) || key != null && key.equals(task.spec.submitKey()),
                () -> this + " is answered with " + task.spec);
        isAnswered = true;
        task.isAccepted |= isTaken;
    }

    /** Whether it is what that task was made of. */
    boolean isOf(TaskId task) {
        return task.equals(id);
    }

    void isKnownAlready(World world) {
        if (id != null) {
            world.isKnownAlready(id);
        }
    }

    void refused() {
        isAnswered = true;
    }

    boolean isAnswered() {
        return isAnswered;
    }

    @Override
    public String toString() {
        return "the submission of " + wanted + (id == null ? "" : " as " + id);
    }
}
