package io.divvy.task.example;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.EvenParts;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.JsonText;
import io.divvy.task.Params;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many vowels a text has. Subtasks are parts of the text, of about equal length. */
public final class VowelCount implements TaskType {
    @Override
    public String name() {
        return "vowel_count";
    }

    @Override
    public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
        String text = Params.of(params).requireOnly("text").text("text");
        EvenParts parts = EvenParts.of(text.length(), subtasks == null ? 10 : subtasks);
        return new Subtasks() {
            @Override
            public long count() {
                return parts.count();
            }

            @Override
            public JsonNode payload(long index) {
                String part = text.substring((int) parts.start(index), (int) parts.start(index + 1));
                return JsonNodeFactory.instance.objectNode().put("part", part);
            }
        };
    }

    @Override
    public JsonNode process(JsonNode payload, TaskContext context) throws InterruptedException {
        context.checkCancelled(); // Where there is a long loop, in the loop.
        String part = payload.path("part").textValue();
        return LongNode.valueOf(
                part.chars().filter(letter -> "aeiou".indexOf(letter) >= 0).count());
    }

    @Override
    public Combiner<?> combiner(ObjectNode params) {
        return Combiners.wholeNumberSum();
    }

    @Override
    public ObjectNode paramsSchema() {
        return JsonText.object("""
                {
                  "type": "object",
                  "properties": {"text": {"type": "string"}},
                  "required": ["text"],
                  "additionalProperties": false
                }
                """);
    }

    @Override
    public List<ObjectNode> exampleParams() {
        return List.of(JsonText.object("{\"text\": \"the quick brown fox jumps over the lazy dog\"}"));
    }
}
