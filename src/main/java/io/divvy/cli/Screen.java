package io.divvy.cli;

import java.util.List;

/** Where something is shown that changes: in one place of a terminal, or else one below the other. */
final class Screen {
    private static final String ESCAPE = "\u001b[";
    private static final String TOP = ESCAPE + "H";
    private static final String CLEAR = ESCAPE + "2J";
    private static final String CLEAR_LINE = ESCAPE + "K";
    private static final String CLEAR_BELOW = ESCAPE + "J";
    private final boolean isTerminal;
    private boolean isBegun;
    private boolean isInterrupted;

    private Screen(boolean isTerminal) {
        this.isTerminal = isTerminal;
    }

    static Screen ofStdout() {
        return new Screen(Terminal.isTerminal(Terminal.STDOUT));
    }

    /** One text below the other, whatever stdout is. */
    static Screen onPaper() {
        return new Screen(false);
    }

    void show(String text) {
        if (isTerminal) {
            System.out.print((isBegun ? "" : CLEAR) + picture(text, Terminal.size()));
        } else {
            System.out.print(text);
        }
        isBegun = true;
        isInterrupted = false;
        System.out.flush();
    }

    /** Says why there is nothing to show, on paper once until there is something again. */
    void interrupt(String why) {
        if (isTerminal) {
            show(why + "\n");
        } else if (!isInterrupted) {
            System.err.println(why);
        }
        isInterrupted = true;
    }

    /** As much of the text as fits, over what is there. The last row stays empty: writing there would scroll. */
    static String picture(String text, Terminal.Size size) {
        StringBuilder picture = new StringBuilder(TOP);
        List<String> lines = text.lines().toList();
        for (String line : lines.subList(0, Math.min(lines.size(), Math.max(1, size.rows() - 1)))) {
            picture.append(line, 0, Math.min(line.length(), size.columns()))
                    .append(CLEAR_LINE)
                    .append('\n');
        }
        return picture.append(CLEAR_BELOW).toString();
    }
}
