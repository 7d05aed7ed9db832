package io.divvy.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What somebody types and what they see, as a file that people read. {@code src/test/resources/commands/README.md} says what its
 * lines mean.
 *
 * @param name of the file, without {@code .txt}
 */
record CommandTranscript(String name, List<Step> steps) {
    static final Path FOLDER = Path.of("src/test/resources/commands");
    private static final String SUFFIX = ".txt";
    private static final String HEADING = "## ";

    /** How a command is run. */
    enum Kind {
        /** Its output goes into pipes. */
        COMMAND("$ "),
        /** In a terminal, under {@code script}. */
        TERMINAL("% "),
        /** Beside those that follow. */
        BACKGROUND("& ");

        final String prompt;

        Kind(String prompt) {
            this.prompt = prompt;
        }
    }

    /**
     * @param before headings and comments above the command
     * @param section the last heading
     * @param line the number of the line with the command
     * @param expected the lines below it
     */
    record Step(List<String> before, String section, Kind kind, Typed typed, List<String> expected) {
        Step withOutput(List<String> output) {
            return new Step(before, section, kind, typed, output);
        }
    }

    /**
     * @param command without its prompt
     * @param line its number in the file
     */
    record Typed(String command, int line) {}

    static List<CommandTranscript> all() throws IOException {
        List<CommandTranscript> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList()) {
                String name = file.getFileName().toString();
                all.add(parse(
                        name.substring(0, name.length() - SUFFIX.length()),
                        Files.readAllLines(file, StandardCharsets.UTF_8)));
            }
        }
        return all;
    }

    static CommandTranscript parse(String name, List<String> lines) {
        List<Step> steps = new ArrayList<>();
        List<String> before = new ArrayList<>();
        String section = "";
        for (int i = 0; i < lines.size(); ) {
            String line = lines.get(i);
            Kind kind = kindOf(line);
            i++;
            if (kind == null) {
                if (!line.isEmpty() && !line.startsWith("#")) {
                    throw new IllegalArgumentException(name + SUFFIX + ", line " + i
                            + ": expected a command, a comment or an empty line, got \"" + line + "\"");
                }
                before.add(line);
                section = line.startsWith(HEADING) ? line.substring(HEADING.length()) : section;
                continue;
            }
            Typed typed = new Typed(line.substring(kind.prompt.length()), i);
            List<String> expected = new ArrayList<>();
            while (i < lines.size() && kindOf(lines.get(i)) == null && !isBetween(lines, i)) {
                expected.add(lines.get(i++));
            }
            steps.add(new Step(List.copyOf(before), section, kind, typed, List.copyOf(expected)));
            before.clear();
        }
        return new CommandTranscript(name, steps);
    }

    /** An empty line belongs to an output unless a command, a heading, a comment or nothing follows. */
    private static boolean isBetween(List<String> lines, int from) {
        if (lines.get(from).startsWith("#")) {
            return true;
        }
        int i = from;
        while (i < lines.size() && lines.get(i).isEmpty()) {
            i++;
        }
        return i > from && (i == lines.size() || lines.get(i).startsWith("#") || kindOf(lines.get(i)) != null);
    }

    private static Kind kindOf(String line) {
        for (Kind kind : Kind.values()) {
            if (line.startsWith(kind.prompt)) {
                return kind;
            }
        }
        return null;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Step step : steps) {
            lines.addAll(step.before());
            lines.add(step.kind().prompt + step.typed().command());
            lines.addAll(step.expected());
        }
        return lines;
    }

    void write() throws IOException {
        Files.write(FOLDER.resolve(name + SUFFIX), lines(), StandardCharsets.UTF_8);
    }
}
