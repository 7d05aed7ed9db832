package io.divvy.clients;

import static io.divvy.clients.ExternalPrograms.needs;
import static io.divvy.clients.ExternalPrograms.succeeds;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import java.io.File;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The clients in other languages than Java that openapi-generator makes of {@code openapi.yaml}, and a server that runs, from
 * the jar. Each is skipped where the machine has not got what it needs. Runs in the repository's root.
 */
@Tag("clients")
class OtherLanguagesIT {
    private static final Path SOURCES = Path.of("src/clients");
    private static final int LEAST_EXAMPLES = 8;

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
    void theTypeScriptClientsAreTypeCheckedAndDriveTheServer() throws IOException {
        String name = "the TypeScript clients";
        needs(name, "node of version 18 or newer", "node", "-e", "if (typeof fetch === 'undefined') process.exit(1)");
        needs(name, "npm", "npm", "--version");
        GeneratedClient.generate("typescript-fetch", "typescript/fetch");
        GeneratedClient.generate("typescript-axios", "typescript/axios");
        Path directory = GeneratedClient.FOLDER.resolve("typescript");
        for (String file :
                List.of("package.json", "package-lock.json", "tsconfig.json", "drive-fetch.ts", "drive-axios.ts")) {
            Files.copy(
                    SOURCES.resolve("typescript").resolve(file),
                    directory.resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        String npmDirectory = directory.toString();
        succeeds("npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--prefix", npmDirectory);
        succeeds("node", npmDirectory + "/node_modules/typescript/lib/tsc.js", "--project", npmDirectory);

        drives("node", npmDirectory + "/compiled/drive-fetch.js", server.httpUrl());
        drives("node", npmDirectory + "/compiled/drive-axios.js", server.httpUrl());
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
        Path client = GeneratedClient.generate(
                "python", "python", "--additional-properties=packageName=divvy_client,hideGenerationTimestamp=true");

        drives("python3", SOURCES.resolve("python/drive.py").toString(), server.httpUrl(), client.toString());
    }

    @Test
    void theKotlinClientIsCompiledAndDrivesTheServer() {
        Path client = GeneratedClient.generate(
                "kotlin", "kotlin", "--additional-properties=packageName=io.divvy.openapi,omitGradleWrapper=true");
        Path classes = client.resolve("classes");
        // The compiler, and what the client needs, are on the class path of this profile's tests.
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        succeeds(
                java,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
                "-no-stdlib",
                "-no-reflect",
                "-nowarn",
                "-classpath",
                classPath,
                "-d",
                classes.toString(),
                client.resolve("src/main/kotlin").toString(),
                SOURCES.resolve("kotlin/drive.kt").toString());

        drives(java, "-cp", classes + File.pathSeparator + classPath, "DriveKt", server.httpUrl());
    }

    /** Nothing is compiled here: that the generator has nothing to complain of is what the description can do. */
    @ParameterizedTest
    @ValueSource(strings = {"go", "rust", "csharp", "php", "ruby", "swift6"})
    void aClientIsMadeWithoutAComplaint(String generator) throws IOException {
        Path client = GeneratedClient.generate(generator, generator);

        try (var files = Files.walk(client)) {
            assertTrue(files.anyMatch(
                    file -> file.getFileName().toString().matches("(?i)task_?view\\.\\w+|model_task_view.go")));
        }
    }

    /** The program tries one thing after the other and says which passed. */
    private static void drives(String... command) {
        RunningProcess program = succeeds(command);
        List<String> passed = program.stdout();
        assertTrue(
                passed.size() >= LEAST_EXAMPLES && passed.stream().allMatch(line -> line.startsWith("passed: ")),
                () -> Arrays.toString(command) + ": " + program);
    }
}
