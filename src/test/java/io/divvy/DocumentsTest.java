package io.divvy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Json;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.server.DivvyServer;
import io.divvy.state.TaskFailure;
import io.divvy.store.MemoryStore;
import io.divvy.store.Retention;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.TaskTypes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents show works, and what they point to is there. Runs in the repository's root. */
@Timeout(60)
class DocumentsTest {
    private static final Path README = Path.of("README.md");
    private static final Path PROTOCOL = Path.of("src/docs/protocol.md");
    private static final Pattern PYTHON = Pattern.compile("```python\n(.*?)```", Pattern.DOTALL);
    private static final Pattern TASK_OBJECT =
            Pattern.compile("^ {4}(\\{\"type\":.*\"payloads\".*})$", Pattern.MULTILINE);
    private static final Pattern RELATIVE_LINK = Pattern.compile("]\\((?!https?:)([^)#]+)?(#[^)]+)?\\)");
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
    private static final Pattern CODE = Pattern.compile("```.*?```|`[^`\n]*`", Pattern.DOTALL);
    private static final Pattern OTHER_WORDS = Pattern.compile("(?i)\\b(reply|replies|responses?|ended tasks?)\\b");
    private static final String DEFAULT_PORT = "5000";

    @Test
    void thePlainWorkerOfTheReadmeSumsSquares() throws Exception {
        TaskView task = resultWith(
                firstMatch(PYTHON, README),
                "{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":100000},\"subtasks\":20}");

        assertEquals("completed", task.state());
        assertEquals("333338333350000", String.valueOf(task.result()));
    }

    @Test
    void theWorkerOfTheProtocolPageDoesATaskThatTheServerHasNoCodeFor() throws Exception {
        TaskView task = resultWith(firstMatch(PYTHON, PROTOCOL), firstMatch(TASK_OBJECT, PROTOCOL));

        assertEquals("completed", task.state());
        assertEquals("5", String.valueOf(task.result()));
    }

    @Test
    void floatsAreAddedInTheOrderOfTheProtocolPage() throws Exception {
        assumeTrue(hasPython(), "python3 of 3.8 or newer was not found; the order of floats is not tried");
        int chunk = 1_024;
        double[] results = new Random(7).doubles(3_000).map(x -> 1 / x).toArray();
        String shown = PYTHON.matcher(Files.readString(PROTOCOL))
                .results()
                .map(match -> match.group(1))
                .filter(program -> program.startsWith("total = 0.0"))
                .findFirst()
                .orElseThrow();
        Process python = new ProcessBuilder(
                        "python3",
                        "-c",
                        "results = " + Arrays.toString(results) + "\nC = " + chunk + "\n" + shown
                                + "print(repr(total))")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String total = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(sumInChunks(Combiners.sum(), results, chunk), Double.parseDouble(total));
        double inOneGo = Arrays.stream(results).reduce(0, Double::sum);
        assertNotEquals(Double.parseDouble(total), inOneGo, "these results show no order");
    }

    private static <A> double sumInChunks(Combiner<A> combiner, double[] results, int chunk) {
        A all = combiner.empty();
        for (int start = 0; start < results.length; start += chunk) {
            A part = combiner.empty();
            for (double result : Arrays.copyOfRange(results, start, Math.min(start + chunk, results.length))) {
                part = combiner.add(part, DoubleNode.valueOf(result));
            }
            all = combiner.merge(all, part);
        }
        return combiner.finish(all).doubleValue();
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyErrorCodeStandsOnTheProtocolPage(ErrorCode code) throws IOException {
        List<String> cells = row("`" + code.wireName() + "`");

        assertTrue(cells.get(1).startsWith(Integer.toString(code.httpStatus())), () -> "HTTP status in " + cells);
        assertEquals(code.endsConnection() ? "ends" : "stays", cells.get(3));
    }

    @ParameterizedTest
    @EnumSource(TaskFailure.Code.class)
    void everyTaskErrorStandsOnTheProtocolPage(TaskFailure.Code code) throws IOException {
        row("`" + code.name().toLowerCase(Locale.ROOT) + "`");
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyLinkLeadsSomewhere(Path document) throws IOException {
        Matcher link = RELATIVE_LINK.matcher(Files.readString(document));
        while (link.find()) {
            Path target = link.group(1) == null ? document : document.resolveSibling(link.group(1));
            assertTrue(Files.exists(target), () -> document + " links to " + target + ", which is not there");
            String anchor = link.group(2);
            if (anchor != null) {
                assertTrue(anchors(target).contains(anchor), () -> document + " links to " + target + anchor);
            }
        }
    }

    /** One thing has one word, which architecture.md lists; the wire and the code may have others. */
    @ParameterizedTest
    @MethodSource("guides")
    void whatGoesBackIsAnAnswerAndWhatHasEndedIsFinished(Path document) throws IOException {
        String prose = CODE.matcher(Files.readString(document)).replaceAll("");
        assertEquals(
                List.of(),
                OTHER_WORDS.matcher(prose).results().map(MatchResult::group).toList());
    }

    static Stream<Path> guides() throws IOException {
        // A decision was written once, with the words that there were.
        return documents().filter(document -> !document.startsWith("src/docs/decisions"));
    }

    static Stream<Path> documents() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/docs"))) {
            return Stream.concat(
                    Stream.of(README), files.filter(file -> file.toString().endsWith(".md")).toList().stream());
        }
    }

    /** Runs the worker beside a server, submits the task, and waits for its end. */
    private static TaskView resultWith(String pythonWorker, String taskObject) throws Exception {
        assumeTrue(hasPython(), "python3 of 3.8 or newer was not found; the workers in the documents are not tried");
        DivvyServer.Config config = DivvyServer.Config.on(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "divvy/test")
                .build();
        try (DivvyServer server = DivvyServer.start(config, TaskTypes.builtin(), new MemoryStore(Retention.DEFAULT))) {
            String port = Integer.toString(server.address().getPort());
            Process worker = new ProcessBuilder("python3", "-c", pythonWorker.replace(DEFAULT_PORT, port))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                byte[] json = taskObject.getBytes(StandardCharsets.UTF_8);
                ObjectNode object = Json.readObject(json, 0, json.length);
                String id = server.gateway()
                        .submit(TaskObject.read(object))
                        .get(10, TimeUnit.SECONDS)
                        .id();
                return server.gateway()
                        .awaitEnd(id, Duration.ofSeconds(30))
                        .get(40, TimeUnit.SECONDS)
                        .orElseThrow()
                        .get();
            } finally {
                worker.destroyForcibly().waitFor();
            }
        }
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 8))")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String firstMatch(Pattern pattern, Path document) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(document));
        assertTrue(matcher.find(), () -> document + " has nothing of the form " + pattern);
        return matcher.group(1);
    }

    /** The cells of the table row that begins with this cell. */
    private static List<String> row(String firstCell) throws IOException {
        return Files.readAllLines(PROTOCOL).stream()
                .filter(line -> line.startsWith("| " + firstCell + " |"))
                .map(line -> Arrays.stream(line.split("\\|"))
                        .skip(1)
                        .map(String::strip)
                        .toList())
                .findFirst()
                .orElseThrow(() -> new AssertionError(PROTOCOL + " has no row for " + firstCell));
    }

    /** As the places that show Markdown make them: lower case, spaces to hyphens, nothing else but letters and digits. */
    private static List<String> anchors(Path document) throws IOException {
        return HEADING.matcher(Files.readString(document))
                .results()
                .map((MatchResult heading) -> "#"
                        + heading.group(1)
                                .toLowerCase(Locale.ROOT)
                                .replaceAll("[^a-z0-9 -]", "")
                                .replace(' ', '-'))
                .toList();
    }
}
