package io.divvy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The clients in TypeScript and Python that the Maven profile {@code clients} generates from {@code openapi.yaml}, and a
 * server that runs, from the jar. Each is skipped where the machine has not got what it needs. Runs in the repository's root.
 */
@Tag("clients")
class OtherLanguagesIT {
    private static final Path SOURCES = Path.of("src/clients");
    private static final Path GENERATED = Path.of("target/clients");

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = new ServerProcess();
        server.startWorker("worker");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theTypeScriptClientIsTypeCheckedAndDrivesTheServer() throws IOException {
        String name = "the TypeScript client";
        needs(name, "node of version 18 or newer", "node", "-e", "if (typeof fetch === 'undefined') process.exit(1)");
        needs(name, "npm", "npm", "--version");
        Path directory = GENERATED.resolve("typescript");
        for (String file : List.of("package.json", "package-lock.json", "tsconfig.json", "drive.ts")) {
            Files.copy(
                    SOURCES.resolve("typescript").resolve(file),
                    directory.resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        String npmDirectory = directory.toString();
        succeeds("npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--prefix", npmDirectory);
        succeeds("node", npmDirectory + "/node_modules/typescript/lib/tsc.js", "--project", npmDirectory);

        drives("node", npmDirectory + "/compiled/drive.js", url());
    }

    @Test
    void thePythonClientDrivesTheServer() {
        String imports = "import sys, urllib3, dateutil, typing_extensions, pydantic\n"
                + "sys.exit(sys.version_info < (3, 9) or int(pydantic.VERSION.split('.')[0]) < 2)";
        needs(
                "the Python client",
                "python3 of 3.9 or newer with pydantic 2, urllib3, python-dateutil and typing-extensions",
                "python3",
                "-c",
                imports);

        drives(
                "python3",
                SOURCES.resolve("python/drive.py").toString(),
                url(),
                GENERATED.resolve("python").toString());
    }

    private static String url() {
        return server.httpUrl();
    }

    /** Skips the test, and says so, unless the command succeeds. */
    private static void needs(String client, String what, String... command) {
        if (!found(command)) {
            System.out.println("SKIPPED: " + client + ", because there is no " + what);
            abort(client + " needs " + what);
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

    private static RunningProcess succeeds(String... command) {
        try (RunningProcess process = RunningProcess.of(List.of(command))) {
            assertEquals(0, process.awaitExit(), process::toString);
            return process;
        }
    }

    /** The program tries one thing after the other and says which passed. */
    private static void drives(String... command) {
        RunningProcess program = succeeds(command);
        List<String> passed = program.stdout();
        assertTrue(
                passed.size() >= 7 && passed.stream().allMatch(line -> line.startsWith("passed: ")),
                () -> Arrays.toString(command) + ": " + program);
    }
}
