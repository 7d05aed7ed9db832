package io.divvy.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands in a transcript for that which differs from run to run: a few names, each for one form. */
final class CommandPlaceholders {
    private static final Map<String, String> FORMS = new LinkedHashMap<>();

    static {
        FORMS.put("<id>", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
        FORMS.put("<end-id>", "[0-9a-f]{8}");
        FORMS.put("<time>", "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:\\d\\d)");
        FORMS.put("<age>", "\\d+[smhd]");
        FORMS.put("<port>", "[1-9]\\d{3,4}");
        FORMS.put("<pid>", "[1-9]\\d*");
        FORMS.put("<rate>", "\\d[\\d,.]*/s");
        FORMS.put("<n>", "\\d[\\d,.]*");
        FORMS.put("<version>", "\\d+\\.\\d+\\.\\d+(?:-SNAPSHOT)?|dev");
        FORMS.put("<java>", "\\d+[\\w.+-]*");
    }

    /** Those whose form says beyond doubt what it is: they are put in where a transcript is written. */
    private static final List<String> SURE = List.of("<id>", "<time>");

    private static final Pattern LOCAL = Pattern.compile("(?<=\\b127\\.0\\.0\\.1:)[1-9]\\d{4}\\b");

    private CommandPlaceholders() {}

    static boolean matches(List<String> expected, List<String> output) {
        if (expected.size() != output.size()) {
            return false;
        }
        for (int i = 0; i < expected.size(); i++) {
            if (!matches(expected.get(i), output.get(i))) {
                return false;
            }
        }
        return true;
    }

    static boolean matches(String expected, String line) {
        return expected.equals(line)
                || isOpen(expected)
                || expected.indexOf('<') >= 0 && form(expected).matcher(line).matches();
    }

    /** Whoever writes a new transcript need not know yet what is awaited there. */
    private static boolean isOpen(String expected) {
        return CommandTranscriptsIT.WRITES && expected.endsWith("?") && expected.length() < 4;
    }

    /** Cells are padded to their column, so the spaces beside a placeholder are as many as there are. */
    private static Pattern form(String expected) {
        StringBuilder form = new StringBuilder();
        Matcher names = Pattern.compile(" *(" + String.join("|", FORMS.keySet()) + ") *")
                .matcher(expected);
        int from = 0;
        while (names.find()) {
            String found = names.group();
            form.append(Pattern.quote(expected.substring(from, names.start())))
                    .append(found.startsWith(" ") ? " +" : names.start() == 0 ? " *" : "")
                    .append("(?:")
                    .append(FORMS.get(names.group(1)))
                    .append(')')
                    .append(found.endsWith(" ") ? " +" : "");
            from = names.end();
        }
        return Pattern.compile(
                form.append(Pattern.quote(expected.substring(from))).toString());
    }

    /** What is written for an output: lines that are expected stay as they are. */
    static List<String> written(List<String> expected, List<String> output) {
        List<String> written = new ArrayList<>();
        for (String line : output) {
            String known = expected.stream()
                    .filter(old -> !isOpen(old) && matches(old, line))
                    .findFirst()
                    .orElse(null);
            written.add(known == null ? general(line) : known);
        }
        return written;
    }

    private static String general(String line) {
        String general = LOCAL.matcher(line).replaceAll("<port>");
        for (String name : SURE) {
            general = general.replaceAll(FORMS.get(name), name);
        }
        return general;
    }
}
