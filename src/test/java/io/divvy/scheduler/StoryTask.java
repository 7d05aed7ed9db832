package io.divvy.scheduler;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSpec;
import io.divvy.state.TaskSpec.FoldOrder;
import io.divvy.state.TaskSpec.OnFailure;
import org.jspecify.annotations.Nullable;

/** What a sender in a story wants done. */
final class StoryTask {
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
    private boolean paused;
    private long notBeforeMs;

    private StoryTask(String id) {
        this.id = new TaskId(id);
        this.fingerprint = "what " + id + " computes";
    }

    static StoryTask task(String id) {
        return new StoryTask(id);
    }

    StoryTask subtasks(long count) {
        subtasks = count;
        return this;
    }

    /** What it takes in memory. */
    StoryTask sizeBytes(long bytes) {
        sizeBytes = bytes;
        return this;
    }

    StoryTask type(String name) {
        type = name;
        return this;
    }

    StoryTask derivable() {
        derivable = true;
        return this;
    }

    StoryTask key(String text) {
        key = SubmitKey.key(text);
        return this;
    }

    /** What a sender of dialect 1 calls it. */
    StoryTask plainId(String text) {
        key = SubmitKey.plainId(text);
        return this;
    }

    StoryTask fingerprint(String text) {
        fingerprint = text;
        return this;
    }

    StoryTask foldedInAnyOrder() {
        foldOrder = FoldOrder.ANY;
        return this;
    }

    /** Its answer is made of the results themselves. */
    StoryTask keepsResults() {
        keepsResults = true;
        return this;
    }

    /** Folded in any order, also by workers. */
    StoryTask foldable() {
        foldable = true;
        return foldedInAnyOrder();
    }

    StoryTask needsTheFirst() {
        earlyEnd = TaskSpec.EarlyEnd.FIRST;
        return this;
    }

    StoryTask needsAny() {
        earlyEnd = TaskSpec.EarlyEnd.ANY;
        return foldedInAnyOrder();
    }

    StoryTask continuesOnFailure() {
        onFailure = OnFailure.CONTINUE;
        return this;
    }

    StoryTask priority(int higherFirst) {
        priority = higherFirst;
        return this;
    }

    StoryTask maxAttempts(int perSubtask) {
        maxAttempts = perSubtask;
        return this;
    }

    StoryTask subtaskTimeoutMs(long ms) {
        subtaskTimeoutMs = ms;
        return this;
    }

    StoryTask paused() {
        paused = true;
        return this;
    }

    StoryTask notBeforeMs(long epochMs) {
        notBeforeMs = epochMs;
        return this;
    }

    StoryTask timeoutMs(long ms) {
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
                .paused(paused)
                .notBeforeMs(notBeforeMs)
                .build();
    }
}
