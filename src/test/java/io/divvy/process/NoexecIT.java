package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.divvy.testing.RunningProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders on a mount from which nothing may be run, into which SQLite unpacks its native code. */
class NoexecIT {
    /** A mount that only what is started here sees, and that is gone when that ends. */
    private static final List<String> MOUNTED = List.of(
            "unshare",
            "--mount",
            "--map-root-user",
            "sh",
            "-c",
            "mount -t tmpfs -o noexec tmpfs \"$1\" && shift && exec \"$@\"",
            "sh");

    @TempDir
    Path mount;

    @TempDir
    Path other;

    @BeforeEach
    void needMounts() {
        try (RunningProcess probe = onMount(Map.of(), "true")) {
            assumeTrue(probe.awaitExit() == 0, () -> "no mounts of one's own here: noexec is not tried: " + probe);
        }
    }

    @Test
    void aServerNamesTheDataFolderAndWhatHelps() {
        Path data = mount.resolve("data");
        try (RunningProcess server = server(Map.of(), data)) {
            assertEquals(6, server.awaitExit(), server::toString);
            assertEquals(
                    List.of("divvy: nothing may be run from the folder " + data.resolve("native")
                            + ", probably because it is mounted with noexec; SQLite unpacks its native code there. Name a folder"
                            + " from which it may be run with the option -Dorg.sqlite.tmpdir=FOLDER of Java, for instance"
                            + " in the environment variable JDK_JAVA_OPTIONS"),
                    server.stderr());
        }
    }

    @Test
    void whatTheErrorSaysHelps() {
        Map<String, String> environment = Map.of("JDK_JAVA_OPTIONS", "-Dorg.sqlite.tmpdir=" + other);
        try (RunningProcess server = server(environment, mount.resolve("data"))) {
            server.awaitLine("listening on tcp://");
            server.terminate();
            assertEquals(0, server.awaitExit(), server::toString);
        }
    }

    @Test
    void aBackupNamesTheTemporaryFolder() {
        try (RunningProcess server =
                RunningProcess.divvy("server", "--port", "0", "--http-port", "0", "--data", other.toString())) {
            server.awaitLine("listening on tcp://");
            Map<String, String> environment = Map.of("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + mount);
            String copy = other.resolve("copy.db").toString();
            try (RunningProcess backup = divvy(environment, "backup", "--data", other.toString(), copy)) {
                assertEquals(6, backup.awaitExit(), backup::toString);
                String said = String.join("\n", backup.stderr());
                assertTrue(said.contains("nothing may be run from the folder " + mount + ","), backup::toString);
            }
        }
    }

    private RunningProcess server(Map<String, String> environment, Path data) {
        return divvy(environment, "server", "--port", "0", "--http-port", "0", "--data", data.toString());
    }

    private RunningProcess divvy(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of(System.getProperty("divvy.jar")).toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        return onMount(environment, command.toArray(String[]::new));
    }

    private RunningProcess onMount(Map<String, String> environment, String... program) {
        List<String> command = new ArrayList<>(MOUNTED);
        command.add(mount.toString());
        command.addAll(List.of(program));
        return RunningProcess.of(command, environment);
    }
}
