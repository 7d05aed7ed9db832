package io.divvy.state;

import org.jspecify.annotations.Nullable;

/**
 * What the core needs to know of a task; its params and payloads stay outside. Made by {@link #of}, by name.
 *
 * @param type decides which workers may take it
 * @param derivable whether a worker that has the type can make the payloads itself
 * @param submitKey what its sender calls it, or null
 * @param fingerprint equal for two submissions of the same task; compared when a submit key comes a second time
 * @param foldable whether a worker may answer several subtasks with one combined result
 * @param keepsResults whether its answer is made of the results themselves, so that they are stored as they came; else an
 *     accumulator is stored that covers all of a chunk
 * @param priority higher first
 * @param paused whether nothing more of it is leased until that changes
 * @param maxAttempts per subtask, at least 1
 * @param subtaskTimeoutMs for one attempt of one subtask; 0 for none
 * @param timeoutMs for the whole task, from its submission; 0 for none
 * @param notBeforeMs nothing of it is leased before that time, in milliseconds since the epoch; 0 for none
 */
public record TaskSpec(
        TaskId id,
        String type,
        boolean derivable,
        @Nullable SubmitKey submitKey,
        String fingerprint,
        FoldOrder foldOrder,
        boolean foldable,
        boolean keepsResults,
        EarlyEnd earlyEnd,
        OnFailure onFailure,
        int priority,
        boolean paused,
        int maxAttempts,
        long subtaskTimeoutMs,
        long timeoutMs,
        long notBeforeMs) {

    /** A task of one attempt for each subtask, without limits in time, unless it says otherwise. */
    public static Builder of(TaskId id, String type) {
        return new Builder(id, type);
    }

    /** What is known of a task, by name. */
    public static final class Builder {
        private final TaskId id;
        private final String type;
        private boolean derivable;
        private @Nullable SubmitKey submitKey;
        private String fingerprint = "";
        private FoldOrder foldOrder = FoldOrder.ASCENDING;
        private boolean foldable;
        private boolean keepsResults;
        private EarlyEnd earlyEnd = EarlyEnd.NONE;
        private OnFailure onFailure = OnFailure.FAIL;
        private int priority;
        private boolean paused;
        private int maxAttempts = 1;
        private long subtaskTimeoutMs;
        private long timeoutMs;
        private long notBeforeMs;

        private Builder(TaskId id, String type) {
            this.id = id;
            this.type = type;
        }

        public Builder derivable(boolean isDerivable) {
            this.derivable = isDerivable;
            return this;
        }

        /** @param print of the task; without a key it is never looked at */
        public Builder submittedAs(@Nullable SubmitKey key, String print) {
            this.submitKey = key;
            this.fingerprint = print;
            return this;
        }

        public Builder foldOrder(FoldOrder order) {
            this.foldOrder = order;
            return this;
        }

        public Builder foldable(boolean isFoldable) {
            this.foldable = isFoldable;
            return this;
        }

        public Builder keepsResults(boolean isMadeOfThem) {
            this.keepsResults = isMadeOfThem;
            return this;
        }

        public Builder earlyEnd(EarlyEnd end) {
            this.earlyEnd = end;
            return this;
        }

        public Builder onFailure(OnFailure then) {
            this.onFailure = then;
            return this;
        }

        public Builder priority(int number) {
            this.priority = number;
            return this;
        }

        public Builder paused(boolean isPaused) {
            this.paused = isPaused;
            return this;
        }

        public Builder maxAttempts(int perSubtask) {
            this.maxAttempts = perSubtask;
            return this;
        }

        /** @param ms 0 for none */
        public Builder subtaskTimeoutMs(long ms) {
            this.subtaskTimeoutMs = ms;
            return this;
        }

        /** @param ms 0 for none */
        public Builder timeoutMs(long ms) {
            this.timeoutMs = ms;
            return this;
        }

        /** @param epochMs 0 for none */
        public Builder notBeforeMs(long epochMs) {
            this.notBeforeMs = epochMs;
            return this;
        }

        public TaskSpec build() {
            return new TaskSpec(
                    id,
                    type,
                    derivable,
                    submitKey,
                    fingerprint,
                    foldOrder,
                    foldable,
                    keepsResults,
                    earlyEnd,
                    onFailure,
                    priority,
                    paused,
                    maxAttempts,
                    subtaskTimeoutMs,
                    timeoutMs,
                    notBeforeMs);
        }
    }

    /** The same task after a change. Its labels are not known here. */
    public TaskSpec patched(TaskPatch patch) {
        Integer newPriority = patch.priority();
        Boolean isPaused = patch.paused();
        return new TaskSpec(
                id,
                type,
                derivable,
                submitKey,
                fingerprint,
                foldOrder,
                foldable,
                keepsResults,
                earlyEnd,
                onFailure,
                newPriority == null ? priority : newPriority,
                isPaused == null ? paused : isPaused,
                maxAttempts,
                subtaskTimeoutMs,
                timeoutMs,
                notBeforeMs);
    }

    /** The id that a sender of dialect 1 chose for it, or null. */
    public @Nullable String alias() {
        return submitKey != null && submitKey.scope() == SubmitKey.Scope.PLAIN_ID ? submitKey.text() : null;
    }

    /** In which order results may be folded so that the answer has the same bits every time. */
    public enum FoldOrder {
        /** The combiner is exactly associative and commutative. */
        ANY,
        /** A chunk left to right, then the chunks left to right. */
        ASCENDING
    }

    /** Which result makes the others unnecessary. */
    public enum EarlyEnd {
        /** All count. */
        NONE,
        /** The one that is not null and has the lowest index: what lies above it is not needed. */
        FIRST,
        /** The one that is not null and comes first. */
        ANY
    }

    /** What happens when a subtask is out of attempts. */
    public enum OnFailure {
        FAIL,
        CONTINUE
    }
}
