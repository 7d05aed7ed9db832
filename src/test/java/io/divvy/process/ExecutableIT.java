package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.RunningProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @ParameterizedTest
    @CsvSource({"11.0.22", "1.8.0_392", "16"})
    void anOlderJavaOfJavaHomeIsNamed(String version, @TempDir Path home) throws IOException {
        Path java = javaOf(home, version);
        try (RunningProcess divvy = start(home.toString(), empty.toString(), "--version")) {
            assertTooOld(divvy, java, version);
        }
    }

    /** As on Debian, where {@code /usr/bin/java} is a link. */
    @Test
    void anOlderJavaThatThePathLeadsToIsNamed(@TempDir Path home, @TempDir Path bin) throws IOException {
        Path link = Files.createSymbolicLink(bin.resolve("java"), javaOf(home, "11.0.22"));
        try (RunningProcess divvy = start("", bin + ":/usr/bin:/bin", "--version")) {
            assertTooOld(divvy, link, "11.0.22");
        }
    }

    @Test
    void anOlderJavaInTheJreOfItsJdkIsNamed(@TempDir Path home) throws IOException {
        javaOf(home, "1.8.0_392");
        Path jre = Files.createDirectory(home.resolve("jre"));
        Path java = Files.move(home.resolve("bin"), jre.resolve("bin")).resolve("java");
        try (RunningProcess divvy = start(jre.toString(), empty.toString(), "--version")) {
            assertTooOld(divvy, java, "1.8.0_392");
        }
    }

    @ParameterizedTest
    @CsvSource({"17", "17.0.15", "21-ea", "100"})
    void aNewEnoughJavaGetsTheFileAndTheArguments(String version, @TempDir Path home) throws IOException {
        javaOf(home, version);
        try (RunningProcess divvy = start(home.toString(), empty.toString(), "submit", "a  type")) {
            assertEquals(0, divvy.awaitExit(), divvy::toString);
            assertEquals(List.of("-jar", EXECUTABLE.toString(), "submit", "a  type"), divvy.stdout());
        }
    }

    /** Runtimes that somebody put together themselves may lack the file that has the version. */
    @ParameterizedTest
    @CsvSource({
        "'openjdk version \"11.0.22\" 2024-01-16', 11.0.22",
        "'java version \"1.8.0_392\"', 1.8.0_392",
    })
    void anOlderJavaWithoutThatFileIsAsked(String answer, String version, @TempDir Path home) throws IOException {
        Path java = javaOf(home, version);
        Files.delete(home.resolve("release"));
        Files.writeString(java, "#!/bin/sh\necho '" + answer + "' >&2\n");
        try (RunningProcess divvy = start(home.toString(), empty.toString(), "--version")) {
            assertTooOld(divvy, java, version);
        }
    }

    @Test
    void aJavaThatDoesNotTellItsVersionIsTried(@TempDir Path home) throws IOException {
        javaOf(home, "11");
        Files.delete(home.resolve("release"));
        try (RunningProcess divvy = start(home.toString(), empty.toString(), "--version")) {
            assertEquals(0, divvy.awaitExit(), divvy::toString);
            assertEquals(List.of("-jar", EXECUTABLE.toString(), "--version"), divvy.stdout());
        }
    }

    private static void assertTooOld(RunningProcess divvy, Path java, String version) {
        assertEquals(127, divvy.awaitExit(), divvy::toString);
        assertEquals(
                List.of("divvy: " + java + " is Java " + version
                        + ", and Divvy needs 17 or newer; install one, or set JAVA_HOME to where it is"),
                divvy.stderr());
        assertEquals(List.of(), divvy.stdout());
    }

    /** A Java of that version as far as its files go: it prints its arguments, one on a line. */
    private static Path javaOf(Path home, String version) throws IOException {
        Files.writeString(
                home.resolve("release"),
                "IMPLEMENTOR=\"Any=one\"\nJAVA_VERSION=\"" + version + "\"\nOS_NAME=\"Linux\"\n");
        Path java = Files.createDirectory(home.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        return java;
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
