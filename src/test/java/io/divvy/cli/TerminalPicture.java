package io.divvy.cli;

import java.util.ArrayList;
import java.util.List;

/** What a terminal shows in the end of all that was written to it: as much of its language as {@code divvy} speaks. */
final class TerminalPicture {
    private static final char ESCAPE = '\u001b';

    private final List<StringBuilder> rows = new ArrayList<>(List.of(new StringBuilder()));
    private int row;
    private int column;

    private TerminalPicture() {}

    /** Its lines, without spaces at their ends and without empty ones below. */
    static List<String> of(String written) {
        TerminalPicture picture = new TerminalPicture();
        for (int i = 0; i < written.length(); i++) {
            char c = written.charAt(i);
            if (c != ESCAPE) {
                picture.write(c);
                continue;
            }
            int end = i + 2;
            while (end < written.length() && !Character.isLetter(written.charAt(end))) {
                end++;
            }
            if (end < written.length()) {
                picture.command(written.substring(i + 2, end), written.charAt(end));
            }
            i = end;
        }
        List<String> lines = new ArrayList<>();
        picture.rows.forEach(line -> lines.add(line.toString().stripTrailing()));
        while (!lines.isEmpty() && lines.get(lines.size() - 1).isEmpty()) {
            lines.remove(lines.size() - 1);
        }
        return lines;
    }

    private void write(char c) {
        switch (c) {
            case '\r' -> column = 0;
            case '\n' -> {
                row++;
                if (row == rows.size()) {
                    rows.add(new StringBuilder());
                }
            }
            case '\b' -> column = Math.max(0, column - 1);
            default -> {
                StringBuilder line = rows.get(row);
                while (line.length() <= column) {
                    line.append(' ');
                }
                line.setCharAt(column++, c);
            }
        }
    }

    private void command(String arguments, char name) {
        StringBuilder line = rows.get(row);
        int count = arguments.matches("[1-9]\\d{0,3}") ? Integer.parseInt(arguments) : 1;
        switch (name) {
            case 'H' -> {
                row = 0;
                column = 0;
            }
            case 'A' -> row = Math.max(0, row - count);
            case 'K' -> line.setLength(Math.min(column, line.length()));
            case 'J' -> {
                if (arguments.equals("2")) {
                    rows.clear();
                    rows.add(new StringBuilder());
                    row = 0;
                    return;
                }
                line.setLength(Math.min(column, line.length()));
                rows.subList(row + 1, rows.size()).clear();
            }
            case 'm' -> {} // Colours are not looked at here.
            case 'h', 'l' -> {} // Nor whether the cursor is shown.
            default -> throw new AssertionError("a terminal is told ESC[" + arguments + name);
        }
    }
}
