package io.divvy.state;

/**
 * What a sender calls its task, so that it finds the same one again. In one scope no two tasks that are kept have the same
 * text; it is free again once its task is deleted. It names a task to senders only: leases, answers and offers go by the
 * {@link TaskId}.
 */
public record SubmitKey(Scope scope, String text) {
    /** Whose name it is. The same text in two scopes names two tasks. */
    public enum Scope {
        /** The idempotency key of a task object. */
        KEY("key"),
        /** The {@code task_id} that a sender of dialect 1 chose. */
        PLAIN_ID("task_id");

        private final String field;

        Scope(String field) {
            this.field = field;
        }
    }

    public static SubmitKey key(String text) {
        return new SubmitKey(Scope.KEY, text);
    }

    public static SubmitKey plainId(String text) {
        return new SubmitKey(Scope.PLAIN_ID, text);
    }

    /** What a sender hears that submits another task under it. */
    public String conflictWith(TaskId known) {
        return scope.field + ": another task was submitted under it, task " + known
                + "; submit the same task again or take a new " + scope.field;
    }

    /** For example {@code task_id job-1}. */
    @Override
    public String toString() {
        return scope.field + " " + text;
    }
}
