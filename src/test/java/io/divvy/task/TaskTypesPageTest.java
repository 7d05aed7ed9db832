package io.divvy.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.builtin.MonteCarloPi;
import io.divvy.task.example.VowelCount;
import io.divvy.task.testkit.TaskTypeKit;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    @ValueSource(classes = {Params.class, Combiners.class})
    void eachMethodForAuthorsHasALine(Class<?> type) throws IOException {
        Set<String> missing = new TreeSet<>();
        String page = Files.readString(PAGE);
        for (Method method : type.getDeclaredMethods()) {
            // As the page shows a call: with its class if there is nothing to call it on, and with as many arguments.
            String arguments = method.isVarArgs() ? "[^,)]+" : "[^,)]+,".repeat(method.getParameterCount());
            Pattern line = Pattern.compile("(?m)^\\| `(Params\\.)?" + method.getName() + "\\("
                    + arguments.replaceFirst(",$", "") + "\\)` \\|");
            if (Modifier.isPublic(method.getModifiers()) && !line.matcher(page).find()) {
                missing.add(method.toString());
            }
        }
        assertEquals(Set.of(), missing);
    }

    @ParameterizedTest
    @MethodSource("combiners")
    void thePageSaysWhichCombinersAreExact(String method, Combiner<?> combiner) throws IOException {
        String line = Files.readAllLines(PAGE).stream()
                .filter(row -> row.startsWith("| `" + method + "()` |"))
                .findFirst()
                .orElseThrow();
        assertEquals(combiner.isExact(), line.endsWith("| yes |"), line);
    }

    static Stream<Arguments> combiners() {
        return Stream.of(Combiners.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && method.getParameterCount() == 0)
                .map(method -> {
                    try {
                        return Arguments.of(method.getName(), method.invoke(null));
                    } catch (ReflectiveOperationException e) {
                        throw new AssertionError(method + " gives no combiner", e);
                    }
                });
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
