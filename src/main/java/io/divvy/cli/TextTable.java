package io.divvy.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Columns that are as wide as their widest cell. Numbers stand to the right, all else to the left. */
final class TextTable {
    private static final String GAP = "  ";
    /** What stands below it is no number, though it may have digits only. */
    private static final String ID = "ID";

    private final List<List<String>> rows = new ArrayList<>();

    TextTable(String... headings) {
        rows.add(List.of(headings));
    }

    /** One cell for each heading; an empty one is shown as a dash, so that scripts can count on the columns. */
    void add(String... cells) {
        List<String> row = new ArrayList<>();
        for (String cell : cells) {
            row.add(cell.isEmpty() ? "-" : printable(cell));
        }
        rows.add(row);
    }

    /** Names come from others: what would move the cursor or colour the terminal is shown as a question mark. */
    static String printable(String cell) {
        return cell.replaceAll("\\p{Cntrl}", "?");
    }

    void print(PrintStream out) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        boolean[] numbers = new boolean[columns];
        for (int column = 0; column < columns; column++) {
            numbers[column] = rows.size() > 1 && !rows.get(0).get(column).equals(ID);
            for (int row = 0; row < rows.size(); row++) {
                String cell = rows.get(row).get(column);
                widths[column] = Math.max(widths[column], cell.length());
                numbers[column] &= row == 0 || cell.matches("[0-9.,]+(/[0-9]+)?");
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                String cell = row.get(column);
                String padding = " ".repeat(widths[column] - cell.length());
                line.append(numbers[column] ? padding + cell : cell + padding).append(GAP);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
