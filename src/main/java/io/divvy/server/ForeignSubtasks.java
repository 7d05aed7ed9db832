package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.task.Subtasks;
import java.util.Objects;

/** Subtasks that foreign code makes: the time of each call is taken, and how many there are is asked for once. */
final class ForeignSubtasks implements Subtasks {
    private final Subtasks subtasks;
    private final TypeLane lane;
    private final long count;

    ForeignSubtasks(Subtasks subtasks, TypeLane lane) {
        this.subtasks = Objects.requireNonNull(subtasks, "split returned null");
        this.lane = lane;
        lane.begin("count");
        this.count = subtasks.count();
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public JsonNode payload(long index) {
        lane.begin("payload");
        return Objects.requireNonNull(subtasks.payload(index), "payload returned null");
    }
}
