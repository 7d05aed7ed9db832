package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.CombineMode;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.TaskObject;
import io.divvy.store.TaskNotes;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the core never sees of a task: what was submitted, how its payloads are made, and its results so far. */
final class TaskWork {
    private final TaskObject object;

    @Nullable
    private final TaskType type;

    private final Folding<?> folding;

    @Nullable
    private Subtasks subtasks;

    private TaskWork(TaskObject object, @Nullable TaskType type, Combiner<?> combiner) {
        this.object = object;
        this.type = type;
        this.folding = new Folding<>(combiner);
    }

    static TaskWork of(TaskObject object, TaskTypes types) throws ProtocolException {
        TaskType type = types.find(object.type());
        if (type == null && object.payloads() == null) {
            throw new ProtocolException(
                    ErrorCode.UNKNOWN_TASK_TYPE,
                    "task.type: this server has no type \"" + object.type() + "\"; expected one of "
                            + String.join(", ", types.names()) + ", or payloads in the task");
        }
        return new TaskWork(object, type, combiner(object.combine(), type));
    }

    private static Combiner<?> combiner(@Nullable CombineMode mode, @Nullable TaskType type) {
        if (mode == null) {
            return type == null ? Combiners.collect() : type.combiner();
        }
        return switch (mode) {
            case COLLECT -> Combiners.collect();
            case SUM -> Combiners.sum();
            case MIN -> Combiners.min();
            case MAX -> Combiners.max();
            case COUNT -> Combiners.count();
            case CONCAT -> Combiners.concat();
            case MERGE_COUNTS -> Combiners.mergeCounts();
            case NONE -> Combiners.none();
        };
    }

    TaskObject object() {
        return object;
    }

    Folding<?> folding() {
        return folding;
    }

    /** Returns how many subtasks the task has. */
    long split() throws InvalidParamsException {
        List<JsonNode> payloads = object.payloads();
        if (payloads != null) {
            subtasks = listed(payloads);
        } else if (type != null) {
            subtasks = type.split(object.params(), object.subtasks());
        }
        return subtasks().count();
    }

    /** Whether a worker can make the payloads itself from the params. */
    boolean isDerivable() {
        return object.payloads() == null;
    }

    /** The payloads from {@code from} on, as many up to {@code to} as fit; at least one, unless it alone does not. */
    PayloadText payloads(long from, long to, int mostBytes) throws IOException {
        return PayloadText.write(subtasks(), from, to, mostBytes);
    }

    TaskNotes notes() {
        return new TaskNotes(object.name(), object.labels());
    }

    private Subtasks subtasks() {
        if (subtasks == null) {
            throw new IllegalStateException("the task was not split yet");
        }
        return subtasks;
    }

    private static Subtasks listed(List<JsonNode> payloads) {
        return new Subtasks() {
            @Override
            public long count() {
                return payloads.size();
            }

            @Override
            public JsonNode payload(long index) {
                return payloads.get((int) index);
            }
        };
    }
}
