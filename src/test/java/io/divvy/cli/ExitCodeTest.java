package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.cli.CommandTranscript.Step;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** One table of exit codes, in the help, the README and the code, and commands that keep to it. */
class ExitCodeTest {
    private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\| (.*) \\|");
    private static final Pattern EXIT = Pattern.compile("\\[(\\d+)]");

    /** By the section of a transcript, which says what kind of thing happens in it. */
    static final Map<String, Integer> OF_SECTION = Map.of(
            "task failed", ExitCode.TASK_FAILED,
            "wrong usage", ExitCode.WRONG_USAGE,
            "no server", ExitCode.NO_SERVER,
            "wrong port", ExitCode.NO_SERVER,
            "not found", ExitCode.NOT_FOUND,
            "refused", ExitCode.REFUSED,
            "local file", ExitCode.LOCAL_FILE,
            "interrupted", ExitCode.INTERRUPTED);

    private static Map<String, String> table(CommandLine command) {
        return command.getCommandSpec().usageMessage().exitCodeList();
    }

    @Test
    void theReadmeHasTheTableOfTheHelp() throws IOException {
        Map<String, String> rows = new LinkedHashMap<>();
        String section = Files.readString(Path.of("README.md")).replaceFirst("(?s).*\n## Exit codes\n", "");
        section.replaceFirst("(?s)\n## .*", "").lines().forEach(line -> {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.put(row.group(1), row.group(2));
            }
        });
        assertEquals(table(Main.commandLine()), rows);
        assertEquals(List.copyOf(table(Main.commandLine()).keySet()), List.copyOf(rows.keySet()), "in that order");
    }

    @Test
    void theTableHasEachCodeThatTheProgramHas() throws IllegalAccessException {
        Set<String> codes = new TreeSet<>();
        for (Field field : ExitCode.class.getDeclaredFields()) {
            if (field.getType() == int.class) {
                codes.add(String.valueOf(field.get(null)));
            }
        }
        assertEquals(codes, new TreeSet<>(table(Main.commandLine()).keySet()));
    }

    @Test
    void whatACommandSaysOfItsOwnCodesIsInTheTable() {
        Set<String> known = table(Main.commandLine()).keySet();
        for (Map.Entry<String, CommandLine> command :
                Main.commandLine().getSubcommands().entrySet()) {
            assertTrue(known.containsAll(table(command.getValue()).keySet()), command.getKey());
        }
    }

    @Test
    void theSameKindOfThingEndsWithTheSameCodeInEachCommand() throws IOException {
        List<String> others = new ArrayList<>();
        for (CommandTranscript transcript : CommandTranscript.all()) {
            for (Step step : transcript.steps()) {
                int code = code(step.expected());
                // What a section needs to be prepared goes well, and a list that is watched ends with Ctrl-C.
                boolean isWatched = step.typed().command().contains("--watch") && code == ExitCode.INTERRUPTED;
                if (code != OF_SECTION.getOrDefault(step.section(), ExitCode.DONE) && code != 0 && !isWatched) {
                    others.add(transcript.name() + ".txt, line " + step.typed().line() + ", in section \""
                            + step.section() + "\": " + code);
                }
            }
        }
        assertEquals(List.of(), others);
    }

    private static int code(List<String> output) {
        Matcher exit = EXIT.matcher(output.isEmpty() ? "" : output.get(output.size() - 1));
        return exit.matches() ? Integer.parseInt(exit.group(1)) : ExitCode.DONE;
    }
}
