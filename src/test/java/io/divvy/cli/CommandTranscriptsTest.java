package io.divvy.cli;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.cli.CommandTranscript.Kind;
import io.divvy.cli.CommandTranscript.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Which transcripts there have to be: of each command, and in it of each thing that can become of it. */
class CommandTranscriptsTest {
    /** What options and parameters do not tell. */
    private static final Map<String, Set<String>> MORE = Map.ofEntries(
            entry("submit", Set.of("refused", "task failed", "interrupted")),
            entry("wait", Set.of("task failed", "interrupted")),
            entry("result", Set.of("refused", "task failed")),
            entry("pause", Set.of("refused")),
            entry("resume", Set.of("refused")),
            entry("delete", Set.of("refused")),
            entry("rerun", Set.of("refused")),
            entry("drain", Set.of("not found")),
            entry("server", Set.of("no server", "local file")),
            entry("backup", Set.of("local file")),
            entry("bench", Set.of("local file", "no server")),
            entry("replay", Set.of("local file", "task failed")));

    /** What these do takes too long for here; {@code DemoIT} and {@code BenchIT} run them. */
    private static final Set<String> LONG = Set.of("demo", "bench");

    private static Set<String> needed(String name, CommandSpec command) {
        Set<String> needed = new TreeSet<>(Set.of("help", "wrong usage"));
        if (!LONG.contains(name)) {
            needed.addAll(Set.of("success", "in a terminal"));
            if (!Set.of("server", "worker").contains(name)) {
                needed.add("piped"); // They print next to nothing, and run until somebody ends them.
            }
        }
        boolean asksServer =
                command.mixins().values().stream().anyMatch(mixin -> mixin.userObject() instanceof ServerOption);
        if (asksServer) {
            needed.addAll(Set.of("no server", "wrong port"));
        }
        boolean hasId = command.args().stream()
                .flatMap(argument -> List.of(argument.converters()).stream())
                .anyMatch(TaskIdParameter.class::isInstance);
        if (hasId) {
            needed.add("not found");
        }
        if (command.mixins().values().stream().anyMatch(mixin -> mixin.userObject() instanceof ResultOutput)) {
            needed.add("local file");
        }
        needed.addAll(MORE.getOrDefault(name, Set.of()));
        return needed;
    }

    @Test
    void eachCommandHasItsTranscript() throws IOException {
        Map<String, CommandTranscript> transcripts = CommandTranscript.all().stream()
                .collect(Collectors.toMap(CommandTranscript::name, transcript -> transcript));
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, CommandLine> command :
                Main.commandLine().getSubcommands().entrySet()) {
            CommandSpec spec = command.getValue().getCommandSpec();
            CommandTranscript transcript = transcripts.remove(command.getKey());
            if (spec.usageMessage().hidden()) {
                continue;
            }
            Set<String> needed = needed(command.getKey(), spec);
            if (transcript != null) {
                needed.removeIf(section -> shows(transcript, section));
            }
            needed.forEach(section -> missing.add(command.getKey() + ".txt: " + section));
        }
        assertEquals(List.of(), missing);
        assertEquals(Set.of(), transcripts.keySet(), "of no command");
    }

    private static boolean shows(CommandTranscript transcript, String section) {
        List<Step> steps = transcript.steps().stream()
                .filter(step -> step.section().equals(section))
                .toList();
        return switch (section) {
            case "help" ->
                steps.stream().anyMatch(step -> step.typed().command().contains("--help"));
            case "piped" ->
                steps.stream().anyMatch(step -> step.typed().command().matches(".*divvy .*\\|.*"));
            case "in a terminal" -> steps.stream().anyMatch(step -> step.kind() == Kind.TERMINAL);
            case "success", "wrong port" -> !steps.isEmpty();
            // It goes on until there is one.
            case "no server" -> steps.stream().anyMatch(step -> step.kind() == Kind.BACKGROUND) || ends(steps, section);
            default -> ends(steps, section);
        };
    }

    /** Whether one of them has the exit code of the section. */
    private static boolean ends(List<Step> steps, String section) {
        String exitCode = "[" + ExitCodeTest.OF_SECTION.get(section) + "]";
        return steps.stream()
                .map(Step::expected)
                .anyMatch(expected ->
                        !expected.isEmpty() && expected.get(expected.size() - 1).equals(exitCode));
    }

    @Test
    void eachSectionIsOneOfThoseThatHaveAMeaning() throws IOException {
        for (CommandTranscript transcript : CommandTranscript.all()) {
            for (Step step : transcript.steps()) {
                assertTrue(
                        ExitCodeTest.OF_SECTION.containsKey(step.section())
                                || Set.of("help", "success", "piped", "in a terminal")
                                        .contains(step.section()),
                        transcript.name() + ".txt, line " + step.typed().line() + ": in section \"" + step.section()
                                + "\"");
            }
        }
    }

    @Test
    void aTranscriptIsWrittenAsItIsRead() {
        List<String> lines = List.of(
                "# All of it.", "", "## success", "$ divvy status", "{", "", "}", "! said", "[1]", "", "% divvy wait");
        CommandTranscript transcript = CommandTranscript.parse("any", lines);
        assertEquals(lines, transcript.lines());
        assertEquals(
                List.of("{", "", "}", "! said", "[1]"),
                transcript.steps().get(0).expected());
        assertEquals("success", transcript.steps().get(1).section());
    }

    @Test
    void aPlaceholderStandsForItsFormOnly() {
        assertTrue(CommandPlaceholders.matches("ID        <age>   x", "ID        12s  x"));
        assertTrue(!CommandPlaceholders.matches("ID  <age>  x", "ID  soon  x"));
        assertTrue(!CommandPlaceholders.matches("divvy: task <id>", "divvy: task 1"));
    }
}
