package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Failure;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.protocol.CombineMode;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.TaskObject;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskType;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a task is made of.
 *
 * @param count of the subtasks, asked for once: foreign code may say something else the next time
 * @param combiner of their results
 */
record TaskParts(Subtasks subtasks, long count, Combiner<?> combiner) {
    /** Of a task that only ends. */
    static final TaskParts NONE = new TaskParts(listed(List.of()), 0, Combiners.none());

    /**
     * Splits a task. Runs the code of its type: to be called in its lane.
     *
     * @param type may be null if the task brings its payloads
     * @throws RefusedException if the task makes no sense to its type, or the type's code fails
     */
    static TaskParts of(TaskObject object, @Nullable TaskType type, TypeLane lane) throws RefusedException {
        Combiner<?> combiner = combiner(object, type, lane);
        List<JsonNode> payloads = object.payloads();
        Subtasks subtasks = payloads == null
                ? split(object, Objects.requireNonNull(type, "a type that splits"), lane)
                : listed(payloads);
        return new TaskParts(subtasks, subtasks.count(), combiner);
    }

    private static Subtasks split(TaskObject object, TaskType type, TypeLane lane) throws RefusedException {
        Outcome<Subtasks> outcome = Guard.call(() -> {
            lane.begin("split");
            return lane.isForeign()
                    ? new ForeignSubtasks(type.split(object.params().deepCopy(), object.subtasks()), lane)
                    : type.split(object.params(), object.subtasks());
        });
        if (outcome instanceof Outcome.Returned<Subtasks> returned) {
            return returned.value();
        }
        Failure failure = ((Outcome.Failed<Subtasks>) outcome).failure();
        throw invalid(
                failure,
                failure.cause() instanceof InvalidParamsException invalid
                        ? String.valueOf(invalid.getMessage())
                        : "the task type failed to split these params: " + failure);
    }

    private static Combiner<?> combiner(TaskObject object, @Nullable TaskType type, TypeLane lane)
            throws RefusedException {
        CombineMode mode = object.combine();
        if (mode == null) {
            return type == null ? Combiners.collect() : ownCombiner(object, type, lane);
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

    private static Combiner<?> ownCombiner(TaskObject object, TaskType type, TypeLane lane) throws RefusedException {
        Outcome<Combiner<?>> outcome = Guard.call(() -> {
            lane.begin("combiner");
            Combiner<?> combiner =
                    type.combiner(lane.isForeign() ? object.params().deepCopy() : object.params());
            return lane.isForeign()
                            && !Combiners.isOneOfThese(Objects.requireNonNull(combiner, "combiner returned null"))
                    ? new ForeignCombiner<>(combiner, lane)
                    : combiner;
        });
        if (outcome instanceof Outcome.Returned<Combiner<?>> returned) {
            return returned.value();
        }
        Failure failure = ((Outcome.Failed<Combiner<?>>) outcome).failure();
        if (!(failure.cause() instanceof InvalidParamsException invalid)) {
            throw invalid(failure, "the task type failed to make a combiner for these params: " + failure);
        }
        throw invalid(
                failure,
                object.payloads() == null
                        ? String.valueOf(invalid.getMessage())
                        : "task.combine: expected a way to combine, because payloads come without the params that the way of "
                                + object.type() + " needs; it said " + invalid.getMessage());
    }

    private static RefusedException invalid(Failure failure, String message) {
        RefusedException refused = new RefusedException(ErrorCode.INVALID_TASK, message, null);
        refused.initCause(failure.cause());
        return refused;
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
