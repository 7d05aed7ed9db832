package io.divvy.server;

import io.divvy.protocol.TaskView;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A part of the list of tasks. Its views are made when they are asked for, which is not on the loop's thread. */
public final class TaskPage {
    private final List<Supplier<TaskView>> tasks;
    private final long resultBytes;
    private final @Nullable String nextCursor;

    TaskPage(List<Supplier<TaskView>> tasks, long resultBytes, @Nullable String nextCursor) {
        this.tasks = tasks;
        this.resultBytes = resultBytes;
        this.nextCursor = nextCursor;
    }

    /** The newest first. */
    public List<TaskView> views() {
        return tasks.stream().map(Supplier::get).toList();
    }

    /** What the results in it take together. */
    public long resultBytes() {
        return resultBytes;
    }

    /** Where the list goes on, or null at its end. */
    public @Nullable String nextCursor() {
        return nextCursor;
    }
}
