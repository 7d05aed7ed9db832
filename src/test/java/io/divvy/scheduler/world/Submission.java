package io.divvy.scheduler.world;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.TaskObject;
import io.divvy.server.session.Tasks;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import org.jspecify.annotations.Nullable;

/**
 * What a sender sent, until it has an answer. If the server dies first it sends that again. Each time it comes to a server it
 * gets another id; without a key it may become two tasks.
 */
final class Submission {
    final SimulatedTask.Wanted wanted;
    private final World world;
    private boolean isAnswered;
    /** The task that came of it on the last server that split it. */
    private @Nullable SimulatedTask arrived;

    Submission(World world, SimulatedTask.Wanted wanted) {
        this.world = world;
        this.wanted = wanted;
    }

    boolean isAnswered() {
        return isAnswered;
    }

    void arrived(SimulatedTask task) {
        arrived = task;
    }

    /** Sends it to a server. */
    void sendTo(SimulatedServer server, SimulatedStore store) {
        arrived = null;
        TaskObject copy = copy(wanted.object());
        world.isSubmitted(copy, this);
        server.tasks().submit(copy, wanted.key(), new Reply(server, store));
    }

    /** Another object each time, so that it is known which submission a task came of. */
    private static TaskObject copy(TaskObject object) {
        return new TaskObject(
                object.type(),
                object.params(),
                object.payloads(),
                object.combine(),
                object.subtasks(),
                object.priority(),
                object.maxAttempts(),
                object.subtaskTimeoutMs(),
                object.timeoutMs(),
                object.onFailure(),
                object.key(),
                object.name(),
                object.labels());
    }

    /** What the server answers, once. */
    private final class Reply implements Tasks.SubmitReply {
        private final SimulatedServer server;
        private final SimulatedStore store;
        private boolean isTold;

        Reply(SimulatedServer server, SimulatedStore store) {
            this.server = server;
            this.store = store;
        }

        private void told(String what) {
            Violation.unless(!isTold, () -> Submission.this + " is answered twice, with " + what);
            isTold = true;
            isAnswered = true;
        }

        @Override
        public void accepted(TaskId id, long subtasks, boolean isNew) {
            told("task " + id);
            Saved saved =
                    Violation.ifNull(store.find(id), () -> id + " is accepted before it is durable that it exists");
            SubmitKey key = wanted.key();
            SimulatedTask own = arrived;
            Violation.unless(
                    isNew ? own != null && id.equals(own.id()) : key != null && key.equals(saved.task.spec.submitKey()),
                    () -> Submission.this + " is answered with " + saved.task.spec);
            Violation.unless(
                    subtasks == wanted.subtasks()
                            && saved.task.wanted.fingerprint().equals(wanted.fingerprint()),
                    () -> Submission.this + " is taken for " + saved.task.spec);
            saved.task.isAccepted = true;
            if (!isNew && own != null) {
                world.isKnownAlready(own.id());
            }
        }

        @Override
        public void refused(ErrorCode code, String message, @Nullable Long retryAfterMs) {
            told(message);
            boolean isRight =
                    switch (code) {
                        case CONFLICT -> world.mayConflict(wanted);
                        case BUSY -> store.isKnownToFail() || server.isFullFor(arrived);
                        case INVALID_TASK -> wanted.isRefused();
                        case LIMIT_EXCEEDED ->
                            arrived != null
                                    && arrived.sizeBytes
                                            > world.settings().limits().openTaskBytes();
                        default -> false;
                    };
            Violation.unless(isRight, () -> Submission.this + " is refused: " + code + ", " + message);
        }

        @Override
        public void letGo(Throwable cause) {
            world.violated(new Violation(Submission.this + " is let go: " + cause));
        }
    }

    @Override
    public String toString() {
        return "the submission of " + wanted.object();
    }
}
