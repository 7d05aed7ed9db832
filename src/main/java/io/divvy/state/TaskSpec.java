package io.divvy.state;

import org.jspecify.annotations.Nullable;

/**
 * What the core needs to know of a task; its params and payloads stay outside.
 *
 * @param type decides which workers may take it
 * @param derivable whether a worker that has the type can make the payloads itself
 * @param submitKey what its sender calls it, or null
 * @param fingerprint equal for two submissions of the same task; compared when a submit key comes a second time
 * @param foldable whether a worker may answer several subtasks with one combined result
 * @param keepsResults whether its answer is made of the results themselves, so that they are stored as they came; else an
 *     accumulator is stored that covers all of a chunk
 * @param priority higher first
 * @param maxAttempts per subtask, at least 1
 * @param subtaskTimeoutMs for one attempt of one subtask; 0 for none
 * @param timeoutMs for the whole task, from its submission; 0 for none
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
        int maxAttempts,
        long subtaskTimeoutMs,
        long timeoutMs) {

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
