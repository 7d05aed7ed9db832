package io.divvy.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.divvy.task.builtin.SumOfSquares;
import io.divvy.task.testkit.TaskTypeKit;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every type that ships has to keep, and that it is found. */
class ShippedTypesTest {
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private static final String META_SCHEMA = "https://json-schema.org/draft/2020-12/schema";

    @ParameterizedTest
    @MethodSource("types")
    void eachShippedTypePassesTheTestkit(TaskType type) {
        TaskTypeKit.of(type)
                .balancedBy(sizeOfPayloads(type))
                .sameAnswerHoweverSplit()
                .check();
    }

    private static ToLongFunction<JsonNode> sizeOfPayloads(TaskType type) {
        return switch (type.name()) {
            case "sum_of_squares", "prime_count" ->
                payload -> payload.get("end").longValue() - payload.get("start").longValue() + 1;
            case "monte_carlo_pi" -> payload -> payload.get("samples").longValue();
            case "word_count" ->
                payload -> payload.get("text").textValue().lines().count();
            case "mandelbrot" ->
                payload -> payload.get("to_row").longValue()
                        - payload.get("from_row").longValue();
            default -> throw new AssertionError("how large is a payload of " + type.name() + "?");
        };
    }

    @ParameterizedTest
    @MethodSource("types")
    void theSchemaOfEachShippedTypeIsValidAndTakesItsExamples(TaskType type) {
        Schema metaSchema = SCHEMAS.getSchema(SchemaLocation.of(META_SCHEMA));
        assertEquals(List.of(), errors(metaSchema, type.paramsSchema()));
        Schema schema = SCHEMAS.getSchema(type.paramsSchema().toString(), InputFormat.JSON);
        for (ObjectNode example : type.exampleParams()) {
            assertEquals(List.of(), errors(schema, example));
        }
        assertTrue(errors(schema, JsonText.object("{}")).size() > 0, "it takes an empty object");
    }

    @ParameterizedTest
    @MethodSource("types")
    void theAnswerOfEachShippedTypeIsThePictureThatItSaysOrNone(TaskType type) throws Exception {
        JsonNode answer = new Subject(type).answer(type.exampleParams().get(0).toString(), null);
        assertEquals(type.answerMediaType(), answer.path("media_type").asText("application/json"), "of " + type.name());
    }

    private static List<Error> errors(Schema schema, JsonNode value) {
        return schema.validate(value.toString(), InputFormat.JSON);
    }

    @Test
    void shippedTypesAreFoundByTheServiceLoader() {
        assertEquals(
                List.copyOf(TaskTypes.builtin().names()),
                List.copyOf(TaskTypes.installed().names()));
    }

    @Test
    void aTypeWithAnInvalidNameIsRefused() {
        TaskType nameless = new Forwarding(new SumOfSquares()) {
            @Override
            public String name() {
                return "sum of squares";
            }
        };
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> new TaskTypes(List.of(nameless)));
        assertTrue(refused.getMessage().contains("is named \"sum of squares\"; expected 1 to 100 of"));
    }

    static Stream<TaskType> types() {
        return TaskTypes.builtin().all().stream();
    }
}
