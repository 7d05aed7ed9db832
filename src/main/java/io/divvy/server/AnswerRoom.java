package io.divvy.server;

import io.divvy.state.TaskId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The room that the answers of all unfinished tasks share: what was folded of their results, and then what the answer takes
 * until it is saved. On the loop.
 */
final class AnswerRoom {
    private final long mostBytes;
    private final Map<TaskId, Kept> byTask = new LinkedHashMap<>();
    private long bytes;

    private static final class Kept {
        long bytes;
        /** Whether it is the answer, which is needed until it is saved. */
        boolean isAnswer;
    }

    AnswerRoom(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** So much is folded of the task now. */
    void folded(TaskId task, long nowBytes) {
        keep(task, nowBytes);
    }

    /** The task has ended, with an answer that takes so much, or none. */
    void ended(TaskId task, long answerBytes) {
        if (answerBytes > 0) {
            keep(task, answerBytes).isAnswer = true;
        } else {
            release(task);
        }
    }

    private Kept keep(TaskId task, long nowBytes) {
        Kept kept = byTask.computeIfAbsent(task, id -> new Kept());
        bytes += nowBytes - kept.bytes;
        kept.bytes = nowBytes;
        return kept;
    }

    /** Nothing is kept for it any more. */
    void release(TaskId task) {
        Kept kept = byTask.remove(task);
        if (kept != null) {
            bytes -= kept.bytes;
        }
    }

    /** The task that keeps the most of those that have no answer yet, if all keep more than they may; else null. */
    @Nullable
    TaskId excessive() {
        if (bytes <= mostBytes) {
            return null;
        }
        TaskId most = null;
        long mostKept = 0;
        for (Map.Entry<TaskId, Kept> task : byTask.entrySet()) {
            if (!task.getValue().isAnswer && task.getValue().bytes > mostKept) {
                most = task.getKey();
                mostKept = task.getValue().bytes;
            }
        }
        return most;
    }

    long mostBytes() {
        return mostBytes;
    }

    long bytes() {
        return bytes;
    }

    /** What one task keeps. */
    long bytesOf(TaskId task) {
        Kept kept = byTask.get(task);
        return kept == null ? 0 : kept.bytes;
    }
}
