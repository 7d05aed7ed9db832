package io.divvy.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What the standard streams are connected to. */
final class Terminal {
    static final int STDOUT = 1;
    static final int STDERR = 2;
    /** Where nobody says how large it is: as wide as most, and what is too long for it scrolls. */
    private static final Size UNKNOWN = new Size(Integer.MAX_VALUE, 80);

    private Terminal() {}

    /** Whether somebody looks at stderr. */
    static boolean isInteractive() {
        return isTerminal(STDERR);
    }

    /** Whether a stream goes to a terminal that can move its cursor. */
    static boolean isTerminal(int stream) {
        // A dumb one cannot go back to the beginning of a line.
        return !"dumb".equals(System.getenv("TERM")) && isAnyTerminal(stream);
    }

    /**
     * Whether a stream goes to a terminal at all. Java knows only whether stdin and stdout both are a terminal, which they are
     * not when the result is piped on; where the system has {@code /proc}, that says it of one alone.
     */
    @SuppressWarnings(
            "SystemConsoleNull") // On newer JDKs it says yes too often there, which costs a bar where nobody looks.
    static boolean isAnyTerminal(int stream) {
        Path link = Path.of("/proc/self/fd/" + stream);
        try {
            String target = Files.readSymbolicLink(link).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return System.console() != null;
        }
    }

    record Size(int rows, int columns) {}

    /** How large it is. That may change at any time. */
    static Size size() {
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
            return UNKNOWN; // A system without it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return UNKNOWN;
    }
}
