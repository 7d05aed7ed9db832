package io.divvy.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.CombineMode;
import io.divvy.protocol.TaskObject;
import io.divvy.state.TaskFailure;
import io.divvy.testing.OpenApiContract;
import io.divvy.testing.RunningServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code openapi.yaml} is true to the code: its paths, its enums, its examples. */
class OpenApiTest {
    private static final OpenApiContract CONTRACT = OpenApiContract.FILTER;

    /**
     * What the languages and standard libraries call something of their own, under a name that needs no import (Swift, C#,
     * Kotlin, Java, Rust, TypeScript, PHP, Ruby, Python, Go) or that a file that uses a client mostly imports.
     */
    private static final Set<String> WORDS_OF_LANGUAGES = Set.of(
            ("Any Actor Array Blob Body Boolean Box Byte Character Class Client Comparable Configuration Context Data Date"
                            + " Decimal Dictionary Document Duration Encoding Enum Environment Error Event Exception File Float"
                            + " Function Hash Header Headers Index Input Int Integer Iterator Kernel List Lock Map Message"
                            + " Method Module Mutex None Notification Number Object Option Optional Output Pair Path"
                            + " Process Progress Promise Protocol Proxy Queue Random Range Ratio Reader Record Request Response"
                            + " Result Self Sequence Service Set Slice Some State Status Stream String Struct Symbol System"
                            + " Task TaskGroup TaskPriority Test Text Thread Time Timer Type Unit Url Value Vec Version View"
                            + " Void Worker Writer")
                    .split(" "));

    @Test
    void everyRouteIsInTheFileAndEveryEntryHasARoute() {
        try (RunningServer server = RunningServer.start()) {
            Set<String> routes = server.rest().routes().stream()
                    .map(route -> route.method().name() + " " + route.path())
                    .collect(Collectors.toCollection(TreeSet::new));
            CONTRACT.requireOperations(routes);
        }
    }

    @Test
    void everyRouteHasTheQueryParametersOfTheFile() {
        try (RunningServer server = RunningServer.start()) {
            for (Route route : server.rest().routes()) {
                JsonNode operation = CONTRACT.document()
                        .get("paths")
                        .get(route.path())
                        .get(route.method().name().toLowerCase(Locale.ROOT));
                Set<String> known = new HashSet<>();
                for (JsonNode parameter : operation.path("parameters")) {
                    JsonNode described = parameter.has("$ref")
                            ? CONTRACT.document()
                                    .at(parameter.get("$ref").asText().substring(1))
                            : parameter;
                    if (described.get("in").asText().equals("query")) {
                        known.add(described.get("name").asText());
                    }
                }
                assertEquals(known, Set.copyOf(route.terms().queryParameters()), route.path());
            }
        }
    }

    @Test
    void theEnumsAreThoseOfTheCode() {
        assertEquals(names(CombineMode.values()), schemaEnum("CombineMode"));
        assertEquals(names(TaskObject.OnFailure.values()), schemaEnum("OnFailure"));
        assertEquals(names(TaskFailure.Code.values()), schemaEnum("TaskErrorCode"));
        assertEquals(names(ResultNumbers.values()), schemaEnum("ResultNumbers"));
    }

    private static Set<String> names(Enum<?>[] constants) {
        return Arrays.stream(constants)
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> schemaEnum(String schema) {
        Set<String> values = new TreeSet<>();
        CONTRACT.document().at("/components/schemas/" + schema + "/enum").forEach(value -> values.add(value.asText()));
        return values;
    }

    @Test
    void noSchemaIsCalledLikeSomethingOfALanguage() {
        Set<String> names = new TreeSet<>();
        CONTRACT.document().at("/components/schemas").fieldNames().forEachRemaining(names::add);
        assertTrue(names.contains("TaskView"), names::toString);
        names.retainAll(WORDS_OF_LANGUAGES);
        assertEquals(Set.of(), names);
    }

    @Test
    void everySchemaPropertyAndParameterSaysWhatItIs() {
        List<String> silent = new ArrayList<>();
        CONTRACT.document().at("/components/schemas").properties().forEach(schema -> {
            requireDescription(schema.getKey(), schema.getValue(), silent);
            schema.getValue()
                    .path("properties")
                    .properties()
                    .forEach(property ->
                            requireDescription(schema.getKey() + "." + property.getKey(), property.getValue(), silent));
        });
        CONTRACT.document()
                .findParents("in")
                .forEach(parameter -> requireDescription(parameter.get("name").asText(), parameter, silent));
        assertEquals(List.of(), silent);
    }

    private static void requireDescription(String name, JsonNode described, List<String> silent) {
        if (described.path("description").asText().isBlank()) {
            silent.add(name);
        }
    }

    @Test
    void everyBodyHasExamplesAndTheyFitItsSchema() {
        List<String> bodies = new ArrayList<>();
        collectBodies(CONTRACT.document(), "", bodies);
        assertFalse(bodies.isEmpty());
        for (String body : bodies) {
            JsonNode examples = CONTRACT.document().at(body).path("examples");
            assertFalse(examples.isEmpty(), body + " has no example");
            for (JsonNode example : examples) {
                JsonNode described = example.has("$ref")
                        ? CONTRACT.document().at(example.get("$ref").asText().substring(1))
                        : example;
                assertEquals(List.of(), CONTRACT.errors(body + "/schema", described.get("value")), body);
            }
        }
    }

    /** Pointers to all descriptions of JSON bodies. */
    private static void collectBodies(JsonNode node, String pointer, List<String> bodies) {
        node.properties().forEach(field -> {
            String below = pointer + "/" + field.getKey().replace("~", "~0").replace("/", "~1");
            if (field.getKey().endsWith("json") && field.getValue().has("schema")) {
                bodies.add(below);
            } else {
                collectBodies(field.getValue(), below, bodies);
            }
        });
    }

    @Test
    void aViewThatIsNotAsDescribedIsFound() {
        JsonNode task = CONTRACT.document().at("/components/examples/QueuedTask/value");
        assertEquals(List.of(), CONTRACT.errors("/components/schemas/TaskView", task));
        JsonNode wrong = task.<ObjectNode>deepCopy().put("state", "sleeping");
        assertFalse(CONTRACT.errors("/components/schemas/TaskView", wrong).isEmpty());
    }
}
