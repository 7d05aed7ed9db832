package io.divvy.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Columns that are as wide as their widest cell. Numbers stand to the right, all else to the left. */
final class TextTable {
    private static final String GAP = "  ";
    /** What stands below it is no number, though it may have digits only. */
    private static final String ID = "ID";

    private static final String NOTHING = "-";
    /** Ends a line that is cut. */
    private static final String CUT = "…";
    /** Of a cell that is cut. */
    private static final int LEAST_CHARS = 8;

    private final List<List<String>> rows = new ArrayList<>();

    TextTable(String... headings) {
        rows.add(List.of(headings));
    }

    /** One cell for each heading; an empty one is shown as a dash, so that scripts can count on the columns. */
    void add(String... cells) {
        List<String> row = new ArrayList<>();
        for (String cell : cells) {
            row.add(cell.isEmpty() ? NOTHING : printable(cell));
        }
        rows.add(row);
    }

    /** Names come from others: what would move the cursor or colour the terminal is shown as a question mark. */
    static String printable(String cell) {
        return cell.replaceAll("\\p{Cntrl}", "?");
    }

    void print(PrintStream out) {
        print(out, Integer.MAX_VALUE);
    }

    /**
     * In lines of at most so many characters. Columns that say nothing of any row are left out, and what does not fit is cut at
     * the right, where "…" says so. Not for what a program may read.
     */
    void printWithin(int width, PrintStream out) {
        List<Integer> telling = new ArrayList<>();
        for (int column = 0; column < rows.get(0).size(); column++) {
            int at = column;
            if (rows.size() == 1
                    || rows.stream().skip(1).anyMatch(row -> !row.get(at).equals(NOTHING))) {
                telling.add(column);
            }
        }
        TextTable table = new TextTable(cells(rows.get(0), telling));
        rows.stream().skip(1).forEach(row -> table.add(cells(row, telling)));
        table.print(out, width);
    }

    private static String[] cells(List<String> row, List<Integer> columns) {
        return columns.stream().map(row::get).toArray(String[]::new);
    }

    private void print(PrintStream out, int atMost) {
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
        int cutAt = cutAt(widths, numbers, atMost);
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                String cell = row.get(column);
                String padding = " ".repeat(widths[column] - cell.length());
                line.append(numbers[column] ? padding + cell : cell + padding).append(GAP);
            }
            String whole = line.toString().stripTrailing();
            out.println(whole.length() <= cutAt ? whole : whole.substring(0, cutAt) + CUT);
        }
    }

    /** Behind how many characters a line is cut: in a column only if enough of its text is left to say something. */
    private static int cutAt(int[] widths, boolean[] numbers, int atMost) {
        int start = 0;
        for (int column = 0; column < widths.length; column++) {
            if (start + widths[column] > atMost) {
                int last = Math.max(0, atMost - CUT.length());
                return !numbers[column] && last - start >= LEAST_CHARS ? last : Math.min(start, last);
            }
            start += widths[column] + GAP.length();
        }
        return Integer.MAX_VALUE;
    }
}
