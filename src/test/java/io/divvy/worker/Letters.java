package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.RangeFolder;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import org.jspecify.annotations.Nullable;

/** A task type whose code is the test's. Its payloads are the indexes. */
final class Letters implements TaskType {
    private final Code code;
    private final @Nullable RangeFolder folder;

    interface Code {
        JsonNode process(JsonNode payload, TaskContext context) throws Exception;
    }

    Letters(Code code) {
        this(code, null);
    }

    Letters(Code code, @Nullable RangeFolder folder) {
        this.code = code;
        this.folder = folder;
    }

    @Override
    public String name() {
        return "letters";
    }

    @Override
    public Subtasks split(ObjectNode params, @Nullable Long subtasks) {
        return new Subtasks() {
            @Override
            public long count() {
                return subtasks == null ? 1 : subtasks;
            }

            @Override
            public JsonNode payload(long index) {
                return LongNode.valueOf(index);
            }
        };
    }

    @Override
    public JsonNode process(JsonNode payload, TaskContext context) throws Exception {
        return code.process(payload, context);
    }

    @Override
    public Combiner<?> combiner(ObjectNode params) {
        return Combiners.wholeNumberSum();
    }

    @Override
    public @Nullable RangeFolder rangeFolder() {
        return folder;
    }
}
