package io.divvy.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * One line at the bottom of a terminal that changes in its place. While there is one, whatever is written to stderr stands above
 * it. The terminal itself cuts what is too long for it, so a new size needs no attention.
 */
final class StatusLine implements AutoCloseable {
    private static final String CLEAR = "\r\u001b[K";
    private static final String CUT = "\u001b[?7l";
    private static final String WRAP = "\u001b[?7h";

    private final PrintStream terminal;
    private final PrintStream out = System.out;
    private String shown = "";
    private boolean isClosed;

    /** @param terminal that the line is on; from now on stderr, and stdout if it is a terminal too, are written above the line */
    StatusLine(PrintStream terminal) {
        this.terminal = terminal;
        System.setErr(new PrintStream(new Above(terminal), true, StandardCharsets.UTF_8));
        if (Terminal.isTerminal(Terminal.STDOUT)) {
            System.setOut(new PrintStream(new Above(out), true, StandardCharsets.UTF_8));
        }
    }

    synchronized void show(String text) {
        if (!isClosed) {
            shown = text;
            draw();
        }
    }

    private void draw() {
        terminal.print(CUT + CLEAR + shown + WRAP);
        terminal.flush();
    }

    /** What it shows last stays, and the next output begins below it. */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        if (!shown.isEmpty()) {
            terminal.println();
        }
        System.setErr(terminal);
        System.setOut(out);
    }

    /** Whole lines go to where the line was, which moves down. */
    private final class Above extends OutputStream {
        private final PartOfALine begun = new PartOfALine();
        private final PrintStream target;

        Above(PrintStream target) {
            this.target = target;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            synchronized (StatusLine.this) {
                begun.write(bytes, offset, length);
                if (begun.endsALine() || isClosed) {
                    if (!isClosed) {
                        terminal.print(CLEAR);
                        terminal.flush();
                    }
                    begun.writeTo(target);
                    target.flush();
                    begun.reset();
                    if (!isClosed) {
                        draw();
                    }
                }
            }
        }
    }

    /** Bytes of a line that has no end yet. */
    private static final class PartOfALine extends ByteArrayOutputStream {
        boolean endsALine() {
            return count > 0 && buf[count - 1] == '\n';
        }
    }
}
