package io.divvy.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the standard streams are connected to. */
final class Terminal {
    static final int STDOUT = 1;
    static final int STDERR = 2;

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
}
