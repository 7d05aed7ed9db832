package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.CombineMode;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.TaskObject;
import io.divvy.scheduler.TaskSpec.EarlyEnd;
import io.divvy.store.TaskNotes;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the core never sees of a task: what was submitted, how its payloads are made, and its results so far. */
final class TaskWork {
    private static final Logger LOG = LoggerFactory.getLogger(TaskWork.class);

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
        return new TaskWork(object, type, combiner(object, type));
    }

    /** Of a task that cannot go on, only to end. */
    static TaskWork withoutType(TaskObject object) {
        return new TaskWork(object, null, Combiners.none());
    }

    private static Combiner<?> combiner(TaskObject object, @Nullable TaskType type) throws ProtocolException {
        CombineMode mode = object.combine();
        if (mode == null) {
            return type == null ? Combiners.collect() : ownCombiner(object, type);
        }
        return switch (mode) {
            case COLLECT -> Combiners.collect();
            case SUM -> Combiners.sum();
            case MIN -> Combiners.min();
            case MAX -> Combiners.max();
            case COUNT -> Combiners.count();
            case CONCAT -> Combiners.concat();
            case MERGE_COUNTS -> Combiners.mergeCounts();
            case FIRST -> Combiners.first();
            case ANY -> Combiners.any();
            case NONE -> Combiners.none();
        };
    }

    private static Combiner<?> ownCombiner(TaskObject object, TaskType type) throws ProtocolException {
        try {
            return type.combiner(object.params());
        } catch (InvalidParamsException e) {
            String problem = String.valueOf(e.getMessage());
            throw new ProtocolException(
                    ErrorCode.INVALID_TASK,
                    object.payloads() == null
                            ? problem
                            : "task.combine: expected a way to combine, as payloads come without the params that the way of "
                                    + type.name() + " needs; it said " + problem);
        } catch (RuntimeException e) {
            LOG.error("the task type {} failed to make a combiner", type.name(), e);
            throw new ProtocolException(
                    ErrorCode.INVALID_TASK, "the task type failed to make a combiner for these params: " + e);
        }
    }

    TaskObject object() {
        return object;
    }

    Folding<?> folding() {
        return folding;
    }

    /** Splits the task, once. Returns how many subtasks it has. */
    long split() throws InvalidParamsException {
        if (subtasks == null) {
            List<JsonNode> payloads = object.payloads();
            subtasks = payloads == null ? splitByType() : listed(payloads);
        }
        return subtasks.count();
    }

    private Subtasks splitByType() throws InvalidParamsException {
        TaskType splitting = Objects.requireNonNull(type, "a task without payloads has a type");
        try {
            return splitting.split(object.params(), object.subtasks());
        } catch (RuntimeException e) {
            LOG.warn("the task type {} failed to split a task: {}", splitting.name(), e.toString());
            throw new InvalidParamsException("the task type failed to split these params: " + e);
        }
    }

    /** Which result makes the others unnecessary. */
    EarlyEnd earlyEnd() {
        if (object.combine() == CombineMode.FIRST) {
            return EarlyEnd.FIRST;
        }
        return object.combine() == CombineMode.ANY ? EarlyEnd.ANY : EarlyEnd.NONE;
    }

    /** Whether a worker may fold results itself: it knows the type's own way to combine, and no other. */
    boolean isFoldable() {
        return type != null && object.combine() == null && folding.isExact();
    }

    /** Subtasks that are out of attempts, in a task that goes on without them. */
    void foldFailed(int chunk, long from, long to) {
        folding.foldFailed(chunk, from, to, subtasks());
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
