package io.divvy.scheduler.world;

import io.divvy.scheduler.TaskSpec;

/** What a sender sent, until it has an answer. If the server dies first it sends that again. */
final class Submission {
    final TaskSpec spec;
    /** Whether another task was submitted under its id. */
    final boolean mayConflict;

    private boolean isAnswered;

    Submission(TaskSpec spec, boolean mayConflict) {
        this.spec = spec;
        this.mayConflict = mayConflict;
    }

    /** @param isTaken whether the task exists, or only another one of its id or key */
    void answered(SimulatedTask task, boolean isTaken, World world) {
        Violation.unless(
                isTaken || mayConflict || world.mayConflict(spec), () -> this + " conflicts with " + task.spec);
        Violation.unless(
                task.spec.id().equals(spec.id())
                        || task.spec.submitKey() != null
                                && task.spec.submitKey().equals(spec.submitKey()),
                () -> this + " is answered with " + task.spec);
        isAnswered = true;
        task.isAccepted |= isTaken;
    }

    void refused() {
        isAnswered = true;
    }

    boolean isAnswered() {
        return isAnswered;
    }

    @Override
    public String toString() {
        return "the submission of " + spec.id() + (spec.submitKey() == null ? "" : " under " + spec.submitKey());
    }
}
