package io.divvy.scheduler.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.Plain;
import io.divvy.protocol.TaskObject;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A task type of the world. Its params say how many subtasks there are and how they are combined; its payloads are the indexes. */
final class WorldType implements TaskType {
    /** The one that workers of dialect 1 take. */
    static final WorldType NUMBERS = new WorldType(Plain.TASK_TYPE);

    static final WorldType LETTERS = new WorldType("letters");
    static final TaskTypes ALL = new TaskTypes(List.of(NUMBERS, LETTERS));

    static final String START = "start";
    private static final String SUBTASKS = "subtasks";
    private static final String FOLD = "fold";
    private static final String REFUSED = "refused";

    /** How results are combined. */
    enum Fold {
        SUM,
        IN_ORDER,
        IN_ORDER_KEPT
    }

    private final String name;

    private WorldType(String name) {
        this.name = name;
    }

    /** @param salt tells otherwise equal tasks apart */
    static ObjectNode params(long subtasks, Fold fold, boolean isRefused, long salt) {
        return JsonNodeFactory.instance
                .objectNode()
                .put(SUBTASKS, subtasks)
                .put(FOLD, fold.name())
                .put(REFUSED, isRefused)
                .put("salt", salt);
    }

    static JsonNode payload(long index) {
        return JsonNodeFactory.instance.objectNode().put(START, index).put("end", index);
    }

    private static Fold foldOf(ObjectNode params) {
        return params.has(FOLD) ? Fold.valueOf(params.get(FOLD).textValue()) : Fold.SUM;
    }

    /** Whether the type's own way to combine the task takes results in any order. */
    static boolean isInAnyOrder(TaskObject object) {
        return foldOf(object.params()) == Fold.SUM;
    }

    /** Whether the type's own way to combine the task keeps them. */
    static boolean keepsResults(TaskObject object) {
        return foldOf(object.params()) == Fold.IN_ORDER_KEPT;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
        if (params.path(REFUSED).booleanValue()) {
            throw new InvalidParamsException("such params are not taken");
        }
        // Plain senders say it beside their range.
        long count = subtasks == null ? params.path(SUBTASKS).longValue() : subtasks;
        return new Subtasks() {
            @Override
            public long count() {
                return count;
            }

            @Override
            public JsonNode payload(long index) {
                return WorldType.payload(index);
            }
        };
    }

    @Override
    public Combiner<?> combiner(ObjectNode params) {
        return switch (foldOf(params)) {
            case SUM -> Combiners.wholeNumberSum();
            case IN_ORDER -> new OrderedFold(false);
            case IN_ORDER_KEPT -> new OrderedFold(true);
        };
    }

    @Override
    public JsonNode process(JsonNode payload, TaskContext context) {
        throw new UnsupportedOperationException("workers of the world make their results themselves");
    }
}
