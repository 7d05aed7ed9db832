package io.divvy.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command line of a transcript that can be run in this process: {@code [PRODUCER |] [NAME=value…] divvy … [< FILE] [> FILE]
 * [2> FILE] [| CONSUMER]}. Its words are split as a shell does it. All that is more is left to a shell.
 */
final class CommandWords {
    final List<String> arguments = new ArrayList<>();
    final Map<String, String> variables = new LinkedHashMap<>();
    /** Files by the operator that leads to them. */
    final Map<String, String> files = new LinkedHashMap<>();
    /** Shell text, or empty. */
    String producer = "";

    String consumer = "";

    private static final Pattern ASSIGNMENT = Pattern.compile("([A-Z][A-Z_]*)=(.*)", Pattern.DOTALL);
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{([A-Z][A-Z_]*): -8}|([A-Z][A-Z_]*))");

    private CommandWords() {}

    /** Null if it is for a shell. */
    static CommandWords parse(String line, Map<String, String> known) {
        CommandWords words = new CommandWords();
        String own = line;
        List<Integer> pipes = pipes(line);
        if (pipes == null || pipes.size() > 1 && !isDivvy(line)) {
            return null;
        }
        if (!pipes.isEmpty()) {
            int first = pipes.get(0);
            if (isDivvy(line)) {
                words.consumer = line.substring(first + 1).strip();
                own = line.substring(0, first).strip();
            } else {
                words.producer = line.substring(0, first).strip();
                own = line.substring(first + 1).strip();
            }
        }
        if (!isDivvy(own) || words.consumer.matches("(.*[^\\w/])?divvy\\b.*")) {
            return null;
        }
        return words.split(own, known) ? words : null;
    }

    private static boolean isDivvy(String line) {
        return line.matches("([A-Z][A-Z_]*=\\S* )*divvy( .*|$)");
    }

    /** Where its bars are; null if it has more than that of a shell. */
    private static List<Integer> pipes(String line) {
        List<Integer> pipes = new ArrayList<>();
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '|') {
                pipes.add(i);
            } else if (";&()`*".indexOf(c) >= 0 || c == '>' && i + 1 < line.length() && line.charAt(i + 1) == '>') {
                return null;
            }
        }
        return pipes;
    }

    private boolean split(String line, Map<String, String> known) {
        String operator = "";
        boolean named = false;
        for (String raw : raw(line)) {
            if (raw.equals("<") || raw.equals(">") || raw.equals("2>")) {
                operator = raw;
                continue;
            }
            String word = plain(raw, known);
            Matcher assignment = ASSIGNMENT.matcher(word);
            if (!operator.isEmpty()) {
                files.put(operator, word);
                operator = "";
            } else if (named) {
                arguments.add(word);
            } else if (assignment.matches()) {
                variables.put(assignment.group(1), assignment.group(2));
            } else {
                named = true; // It is divvy.
            }
        }
        return operator.isEmpty();
    }

    /** With their quotes. */
    private static List<String> raw(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = Pattern.compile("(?:\\$\\{[^}]*}|[^\\s'\"]|'[^']*'|\"[^\"]*\")+")
                .matcher(line);
        while (word.find()) {
            words.add(word.group());
        }
        return words;
    }

    private static String plain(String raw, Map<String, String> known) {
        StringBuilder plain = new StringBuilder();
        Matcher part = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^'\"]+)").matcher(raw);
        while (part.find()) {
            plain.append(
                    part.group(1) != null
                            ? part.group(1)
                            : expanded(part.group(2) == null ? part.group(3) : part.group(2), known));
        }
        return plain.toString();
    }

    /** With values in the place of {@code $NAME} and, as bash has it for the last eight characters, <code>${NAME: -8}</code>. */
    static String expanded(String text, Map<String, String> known) {
        return VARIABLE.matcher(text).replaceAll(name -> {
            boolean isEnd = name.group(1) != null;
            String value = known.getOrDefault(isEnd ? name.group(1) : name.group(2), "");
            return Matcher.quoteReplacement(isEnd ? value.substring(value.length() - 8) : value);
        });
    }
}
