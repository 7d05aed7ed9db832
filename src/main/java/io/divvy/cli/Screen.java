package io.divvy.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Where something is shown that changes: in one place of a terminal, or else one below the other. */
final class Screen {
    private static final String ESCAPE = "\u001b[";
    private static final String TOP = ESCAPE + "H";
    private static final String CLEAR = ESCAPE + "2J";
    private static final String CLEAR_LINE = ESCAPE + "K";
    private static final String CLEAR_BELOW = ESCAPE + "J";
    /** Where nobody says how large the terminal is. */
    private static final Size UNKNOWN = new Size(Integer.MAX_VALUE, Integer.MAX_VALUE);

    private final boolean isTerminal;
    private boolean isBegun;
    private boolean isInterrupted;

    record Size(int rows, int columns) {}

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
            System.out.print((isBegun ? "" : CLEAR) + picture(text, size()));
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
    static String picture(String text, Size size) {
        StringBuilder picture = new StringBuilder(TOP);
        List<String> lines = text.lines().toList();
        for (String line : lines.subList(0, Math.min(lines.size(), Math.max(1, size.rows - 1)))) {
            picture.append(line, 0, Math.min(line.length(), size.columns))
                    .append(CLEAR_LINE)
                    .append('\n');
        }
        return picture.append(CLEAR_BELOW).toString();
    }

    /** It may change at any time. */
    private static Size size() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            if (stty.waitFor(1, TimeUnit.SECONDS) && answer.matches("[1-9][0-9]{0,4} [1-9][0-9]{0,4}")) {
                String[] parts = answer.split(" ", -1);
                return new Size(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
            }
        } catch (IOException e) {
            return UNKNOWN; // A system without it: lines wrap, which is no harm.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return UNKNOWN;
    }
}
