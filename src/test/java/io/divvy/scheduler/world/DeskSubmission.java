package io.divvy.scheduler.world;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.TaskObject;
import io.divvy.server.session.Tasks;
import io.divvy.state.TaskId;
import org.jspecify.annotations.Nullable;

/**
 * What was submitted straight at the desk, as the HTTP API does, until it has an answer. If the server dies first it is submitted
 * again. Each time it comes to a server it gets another id; without a key it may become two tasks.
 */
final class DeskSubmission {
    private final World world;
    private final Wanted wanted;
    private boolean isAnswered;

    DeskSubmission(World world, Wanted wanted) {
        this.world = world;
        this.wanted = wanted;
    }

    boolean isAnswered() {
        return isAnswered;
    }

    TaskObject object() {
        return wanted.object();
    }

    /** Who hears what the server answers to it. */
    Tasks.SubmitReply reply() {
        return new Reply();
    }

    /** Sends it to a server. */
    void sendTo(SimulatedServer server) {
        server.inLoop(() -> server.tasks().submit(copy(wanted.object()), new Reply()));
    }

    /** Another object each time, as each task goes wrong for itself. */
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
                object.labels(),
                object.paused(),
                object.notBefore());
    }

    /** What the server answers, once. */
    private final class Reply implements Tasks.SubmitReply {
        private boolean isTold;

        private void told(String what) {
            Violation.unless(!isTold, () -> wanted + " is answered twice, with " + what);
            isTold = true;
            isAnswered = true;
        }

        @Override
        public void accepted(TaskId id, long subtasks, boolean isNew) {
            told("task " + id);
            SimulatedTask task = world.task(id);
            wanted.requireAccepted(task, world.store().find(id));
            Violation.unless(
                    subtasks == wanted.subtasks() && (!isNew || task.wanted == wanted),
                    () -> wanted + " is taken for " + task.spec());
        }

        @Override
        public void refused(ErrorCode code, String message, @Nullable Long retryAfterMs) {
            told(message);
            Violation.unless(
                    wanted.mayBeRefused(code, world.wants()), () -> wanted + " is refused: " + code + ", " + message);
        }

        @Override
        public void letGo(Throwable cause) {
            world.violated(new Violation(wanted + " is let go: " + cause, cause));
        }
    }

    @Override
    public String toString() {
        return wanted.toString();
    }
}
