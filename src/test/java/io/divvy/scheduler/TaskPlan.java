package io.divvy.scheduler;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSpec;
import io.divvy.state.TaskSpec.FoldOrder;
import io.divvy.state.TaskSpec.OnFailure;
import org.jspecify.annotations.Nullable;

/** What a sender in a story wants done. */
final class TaskPlan {
    final TaskId id;
    long subtasks = 10;
    private long sizeBytes = 1_000;

    private String type = "numbers";
    private boolean derivable;

    @Nullable
    private SubmitKey key;

    private String fingerprint;
    private FoldOrder foldOrder = FoldOrder.ASCENDING;
    private boolean foldable;
    private boolean keepsResults;
    private TaskSpec.EarlyEnd earlyEnd = TaskSpec.EarlyEnd.NONE;
    private OnFailure onFailure = OnFailure.FAIL;
    private int priority;
    private int maxAttempts = 3;
    private long subtaskTimeoutMs;
    private long timeoutMs;

    private TaskPlan(String id) {
        this.id = new TaskId(id);
        this.fingerprint = "what " + id + " computes";
    }

    static TaskPlan task(String id) {
        return new TaskPlan(id);
    }

    TaskPlan subtasks(long count) {
        subtasks = count;
        return this;
    }

    /** What it takes in memory. */
    TaskPlan sizeBytes(long bytes) {
        sizeBytes = bytes;
        return this;
    }

    TaskPlan type(String name) {
        type = name;
        return this;
    }

    TaskPlan derivable() {
        derivable = true;
        return this;
    }

    TaskPlan key(String text) {
        key = SubmitKey.key(text);
        return this;
    }

    /** What a sender of dialect 1 calls it. */
    TaskPlan plainId(String text) {
        key = SubmitKey.plainId(text);
        return this;
    }

    TaskPlan fingerprint(String text) {
        fingerprint = text;
        return this;
    }

    TaskPlan foldedInAnyOrder() {
        foldOrder = FoldOrder.ANY;
        return this;
    }

    /** Its answer is made of the results themselves. */
    TaskPlan keepsResults() {
        keepsResults = true;
        return this;
    }

    /** Folded in any order, also by workers. */
    TaskPlan foldable() {
        foldable = true;
        return foldedInAnyOrder();
    }

    TaskPlan needsTheFirst() {
        earlyEnd = TaskSpec.EarlyEnd.FIRST;
        return this;
    }

    TaskPlan needsAny() {
        earlyEnd = TaskSpec.EarlyEnd.ANY;
        return foldedInAnyOrder();
    }

    TaskPlan continuesOnFailure() {
        onFailure = OnFailure.CONTINUE;
        return this;
    }

    TaskPlan priority(int higherFirst) {
        priority = higherFirst;
        return this;
    }

    TaskPlan maxAttempts(int perSubtask) {
        maxAttempts = perSubtask;
        return this;
    }

    TaskPlan subtaskTimeoutMs(long ms) {
        subtaskTimeoutMs = ms;
        return this;
    }

    TaskPlan timeoutMs(long ms) {
        timeoutMs = ms;
        return this;
    }

    TaskSize size() {
        return new TaskSize(subtasks, sizeBytes);
    }

    TaskSpec spec() {
        return TaskSpec.of(id, type)
                .derivable(derivable)
                .submittedAs(key, fingerprint)
                .foldOrder(foldOrder)
                .foldable(foldable)
                .keepsResults(keepsResults)
                .earlyEnd(earlyEnd)
                .onFailure(onFailure)
                .priority(priority)
                .maxAttempts(maxAttempts)
                .subtaskTimeoutMs(subtaskTimeoutMs)
                .timeoutMs(timeoutMs)
                .build();
    }
}
