package io.divvy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;

import io.divvy.testing.RunningProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Programs that are no part of the build, such as compilers of other languages; not every machine has them. */
final class ExternalPrograms {
    /** They may fetch packages, or compile, on a machine that does much else. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private ExternalPrograms() {}

    /** Skips the test, and says so, unless the command succeeds. */
    static void needs(String test, String what, String... command) {
        if (!found(command)) {
            System.out.println("SKIPPED: " + test + ", because there is no " + what);
            abort(test + " needs " + what);
        }
    }

    private static boolean found(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs it to its end, which has to be a good one. */
    static RunningProcess succeeds(String... command) {
        try (RunningProcess process = RunningProcess.of(List.of(command))) {
            assertEquals(0, process.awaitExit(PATIENCE), process::toString);
            return process;
        }
    }
}
