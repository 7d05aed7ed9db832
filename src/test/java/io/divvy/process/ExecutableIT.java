package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.RunningProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code target/divvy}: the program as one executable file, which is a shell script and the jar behind it. */
@DisabledOnOs(OS.WINDOWS)
class ExecutableIT {
    private static final Path JAR = Path.of(System.getProperty("divvy.jar"));
    private static final Path EXECUTABLE = JAR.resolveSibling("divvy");
    private static final String JAVA_HOME = System.getProperty("java.home");

    @TempDir
    Path empty;

    @Test
    void theExecutableRunsWithTheJavaOfJavaHome() {
        try (RunningProcess divvy = start(JAVA_HOME, empty.toString(), "--version")) {
            assertEquals(0, divvy.awaitExit(), divvy::toString);
            assertEquals(1, divvy.stdout().size(), divvy::toString);
            assertTrue(divvy.stdout().get(0).startsWith("Divvy "), divvy::toString);
        }
    }

    @Test
    void theExecutableRunsWithTheJavaOfThePath() {
        String path = Path.of(JAVA_HOME, "bin").toString();
        try (RunningProcess divvy = start("", path, "--version")) {
            assertEquals(0, divvy.awaitExit(), divvy::toString);
            assertEquals(1, divvy.stdout().size(), divvy::toString);
            assertTrue(divvy.stdout().get(0).startsWith("Divvy "), divvy::toString);
        }
    }

    @Test
    void argumentsAndExitCodesArePassedOn() {
        try (RunningProcess divvy = start(JAVA_HOME, empty.toString(), "submit", "a  type", "--subtasks", "none")) {
            assertEquals(2, divvy.awaitExit(), divvy::toString);
            assertEquals("", String.join("", divvy.stdout()));
        }
    }

    @Test
    void withoutJavaTheExecutableSaysWhatToDo() {
        try (RunningProcess divvy = start("", empty.toString(), "--version")) {
            assertEquals(127, divvy.awaitExit(), divvy::toString);
            assertEquals(
                    List.of("divvy: java was not found; install Java 17 or newer, or set JAVA_HOME to where it is"),
                    divvy.stderr());
        }
    }

    @Test
    void aJavaHomeWithoutJavaIsNamed() {
        try (RunningProcess divvy =
                start(empty.toString(), Path.of(JAVA_HOME, "bin").toString(), "--version")) {
            assertEquals(127, divvy.awaitExit(), divvy::toString);
            assertEquals(
                    List.of("divvy: JAVA_HOME is " + empty
                            + ", and there is no bin/java in it; set it to a Java of 17 or" + " newer, or unset it"),
                    divvy.stderr());
        }
    }

    /** So the same sources give the same executable, as they give the same jar. */
    @Test
    void theExecutableIsTheScriptAndTheJarAndNothingElse() throws IOException {
        byte[] script = Files.readAllBytes(Path.of("src/main/shell/divvy"));
        byte[] executable = Files.readAllBytes(EXECUTABLE);
        assertArrayEquals(script, Arrays.copyOf(executable, script.length));
        assertArrayEquals(Files.readAllBytes(JAR), Arrays.copyOfRange(executable, script.length, executable.length));
    }

    private static RunningProcess start(String javaHome, String path, String... arguments) {
        List<String> command = new ArrayList<>(List.of(EXECUTABLE.toString()));
        command.addAll(List.of(arguments));
        return RunningProcess.of(command, Map.of("JAVA_HOME", javaHome, "PATH", path));
    }
}
