package io.divvy.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.builtin.MonteCarloPi;
import io.divvy.task.example.VowelCount;
import io.divvy.task.testkit.TaskTypeKit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The page on task types shows what is there. Runs in the repository's root. */
class TaskTypesPageTest {
    private static final Path PAGE = Path.of("src/docs/task-types.md");
    private static final Path EXAMPLE = Path.of("src/test/java/io/divvy/task/example/VowelCount.java");

    @Test
    void theExampleOfThePageIsTheOneThatIsTested() throws IOException {
        assertTrue(
                Files.readString(PAGE).contains("```java\n" + Files.readString(EXAMPLE) + "```"),
                "the page does not quote " + EXAMPLE + " as it is");
    }

    @Test
    void theExampleCountsVowels() throws Exception {
        TaskTypeKit.of(new VowelCount())
                .balancedBy(payload -> payload.get("part").textValue().length())
                .sameAnswerHoweverSplit()
                .check();
        assertEquals(
                LongNode.valueOf(11),
                new Subject(new VowelCount()).answer("{\"text\":\"the quick brown fox jumps over the lazy dog\"}", 4L));
    }

    @ParameterizedTest
    @MethodSource("io.divvy.task.ShippedTypesTest#types")
    void eachTypeHasASectionWithItsParams(TaskType type) throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf("### `" + type.name() + "`");
        assertTrue(start >= 0, () -> "no section on " + type.name());
        String section = page.substring(start, page.indexOf("\n## ", start));
        for (String param : ((ObjectNode) type.paramsSchema().get("properties"))
                .properties().stream()
                        .map(property -> "`" + property.getKey() + "`")
                        .toList()) {
            assertTrue(section.contains(param), () -> "the section on " + type.name() + " says nothing of " + param);
        }
    }

    @Test
    void theAnswerThatThePageShowsForPiIsTheOneThatComesOut() throws Exception {
        String answer = new Subject(new MonteCarloPi())
                .answer("{\"samples\":1000000,\"seed\":42}", null)
                .toString();
        assertTrue(Files.readString(PAGE).contains("`" + answer + "`"), answer);
    }
}
