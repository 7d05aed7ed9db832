package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Another type in all that is not overridden. */
public abstract class Forwarding implements TaskType {
    private final TaskType other;

    protected Forwarding(TaskType other) {
        this.other = other;
    }

    @Override
    public String name() {
        return other.name();
    }

    @Override
    public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
        return other.split(params, subtasks);
    }

    @Override
    public JsonNode process(JsonNode payload, TaskContext context) throws Exception {
        return other.process(payload, context);
    }

    @Override
    public Combiner<?> combiner(ObjectNode params) throws InvalidParamsException {
        return other.combiner(params);
    }

    @Override
    public @Nullable RangeFolder rangeFolder() {
        return other.rangeFolder();
    }

    @Override
    public String answerMediaType() {
        return other.answerMediaType();
    }

    @Override
    public ObjectNode paramsSchema() {
        return other.paramsSchema();
    }

    @Override
    public List<ObjectNode> exampleParams() {
        return other.exampleParams();
    }
}
