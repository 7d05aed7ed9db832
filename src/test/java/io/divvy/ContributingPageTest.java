package io.divvy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.store.TaskStore;
import io.divvy.testing.MarkdownPage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the pages for contributors call by name is there: files, classes and their members. Classes are named without their
 * packages, so one that moves is still found. Runs in the repository's root.
 */
class ContributingPageTest {
    private static final MarkdownPage CONTRIBUTING = MarkdownPage.of("src/docs/contributing.md");
    private static final MarkdownPage TRACE = MarkdownPage.of("src/docs/trace.md");

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern FILE = Pattern.compile("[\\w.-]+/[\\w./-]*|[\\w-]+\\.(?:md|xml|yaml|py|ts)");
    /** A class, or a class and a member of it. */
    private static final Pattern NAME = Pattern.compile("([A-Z]\\w*[a-z]\\w*)(?:\\.(\\w+))?");

    private static final Map<String, Path> SOURCES = sources();

    private static Map<String, Path> sources() {
        Map<String, Path> byName = new HashMap<>();
        for (Path root : List.of(Path.of("src/main/java"), Path.of("src/test/java"), Path.of("src/clients/java"))) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(file ->
                                byName.putIfAbsent(file.getFileName().toString().replace(".java", ""), file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return byName;
    }

    @Test
    void everythingThatTheInstructionsNameExists() {
        assertEquals(List.of(), notThere(CONTRIBUTING, CONTRIBUTING.section("Where things go")));
    }

    @Test
    void everythingThatTheTracesNameExists() {
        assertEquals(List.of(), notThere(TRACE, TRACE.text()));
    }

    @Test
    void everyThreadThatTheTracesNameIsStarted() {
        String code = SOURCES.values().stream()
                .filter(file -> file.startsWith("src/main"))
                .map(ContributingPageTest::read)
                .collect(Collectors.joining());
        assertEquals(
                List.of(),
                Pattern.compile("`(divvy-[\\w-]+)`")
                        .matcher(TRACE.text())
                        .results()
                        .map(thread -> thread.group(1))
                        .filter(thread -> !code.contains("\"" + thread + "\""))
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"A new message", "A new way to combine", "A new store", "A new limit", "A new REST path"})
    void eachStepOfAnInstructionBeginsWithAPlace(String heading) {
        List<String> steps = CONTRIBUTING
                .section(heading)
                .lines()
                .filter(line -> line.matches("\\d+\\. .*"))
                .toList();
        assertTrue(steps.size() > 5, () -> heading + " has only the steps " + steps);
        assertEquals(
                List.of(),
                steps.stream().filter(step -> !step.matches("\\d+\\. `.*")).toList());
    }

    /** What is in the list on stores is done for each that there is. */
    @Test
    void everyStoreKeepsTheContractAndCanBeChosen() {
        List<String> stores = namesOfThoseThat("implements TaskStore\\b(?!\\.)");
        assertTrue(stores.contains("MemoryStore") && stores.contains("SqliteStore"), stores::toString);
        String commandLine = read(SOURCES.get("ServerCommand"));
        String contracts =
                namesOfThoseThat("extends (?:Durable)?" + TaskStore.class.getSimpleName() + "ContractTest\\b").stream()
                        .map(name -> read(SOURCES.get(name)))
                        .collect(Collectors.joining());
        for (String store : stores) {
            assertTrue(commandLine.contains(store), () -> "ServerCommand does not offer " + store);
            assertTrue(contracts.contains(store), () -> "no test holds " + store + " to the contract of stores");
        }
    }

    @Test
    void everyRestPathHasARequestInTheHttpFolder() throws IOException {
        String requests;
        try (Stream<Path> files = Files.list(Path.of("http"))) {
            requests = files.map(ContributingPageTest::read).collect(Collectors.joining());
        }
        Pattern path = Pattern.compile("^ {2}(/[^:]*):$", Pattern.MULTILINE);
        List<String> missing = path.matcher(read(Path.of("openapi.yaml")))
                .results()
                .map(match -> match.group(1))
                .filter(name -> !Pattern.compile(
                                "\\{\\{base}}" + Pattern.quote(name).replace("{id}", "\\E\\S+\\Q") + "(?:\\?\\S*)?$",
                                Pattern.MULTILINE)
                        .matcher(requests)
                        .find())
                .toList();
        assertEquals(List.of(), missing, "paths without a request in http/");
    }

    /** Main classes, not those of tests: these have stores of their own. */
    private static List<String> namesOfThoseThat(String regex) {
        Pattern declaration = Pattern.compile("class \\w+ " + regex);
        return SOURCES.entrySet().stream()
                .filter(source -> declaration.matcher(read(source.getValue())).find())
                .filter(source -> source.getValue().startsWith("src/main")
                        || source.getKey().endsWith("Test"))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** What a page has as code and looks like a file, a class or a member, and is none. */
    private static List<String> notThere(MarkdownPage page, String text) {
        List<String> missing = new ArrayList<>();
        for (MatchResult code : CODE.matcher(text).results().toList()) {
            String name = code.group(1);
            Matcher classOrMember = NAME.matcher(name);
            if (FILE.matcher(name).matches()) {
                if (!Files.exists(Path.of(name))) {
                    missing.add(page + " names the file " + name);
                }
            } else if (classOrMember.matches() && !isThere(classOrMember.group(1), classOrMember.group(2))) {
                missing.add(page + " names " + name);
            }
        }
        return missing;
    }

    private static boolean isThere(String type, String member) {
        Path source = SOURCES.get(type);
        return source != null
                && (member == null
                        || Pattern.compile("\\b" + member + "\\b")
                                .matcher(read(source))
                                .find());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
