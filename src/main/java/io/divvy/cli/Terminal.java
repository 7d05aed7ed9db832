package io.divvy.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What stderr is connected to. */
final class Terminal {
    private Terminal() {}

    /**
     * Whether somebody looks at stderr. Java knows only whether stdin and stdout both are a terminal, which they are not when
     * the result is piped on; where the system has {@code /proc}, that says it of stderr alone.
     */
    @SuppressWarnings(
            "SystemConsoleNull") // On newer JDKs it says yes too often there, which costs a bar where nobody looks.
    static boolean isInteractive() {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false; // It cannot go back to the beginning of a line.
        }
        Path stderr = Path.of("/proc/self/fd/2");
        try {
            String target = Files.readSymbolicLink(stderr).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return System.console() != null;
        }
    }
}
