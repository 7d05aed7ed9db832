package io.divvy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.OpenApiContract;
import io.divvy.testing.RunningProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Clients that openapi-generator makes of {@code openapi.yaml}, in the profile {@code clients}. */
final class GeneratedClient {
    static final Path FOLDER = Path.of("target/clients");

    private static final Pattern COMPLAINT = Pattern.compile("\\[main\\] (?:WARN|ERROR) .*");

    /** What it says of itself: it is not done with OpenAPI 3.1, and does not expect {@code additionalProperties: false}. */
    private static final Pattern ITS_OWN =
            Pattern.compile(".*(?:OpenAPI 3\\.1 support is still in beta|Failed to get the schema name: null).*");

    private static final Pattern RENAMED = Pattern.compile(".* - (\\S+)(?: \\(reserved word\\))? cannot be used as .*");

    private GeneratedClient() {}

    /** Makes a client in a folder below {@link #FOLDER}, and takes no complaint of the generator's. */
    static Path generate(String generator, String folder, String... options) {
        Path target = FOLDER.resolve(folder);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                FOLDER.resolve("openapi-generator.jar").toString(),
                "generate",
                "-i",
                "openapi.yaml",
                "-g",
                generator,
                "-o",
                target.toString()));
        command.addAll(List.of(options));
        try (RunningProcess process = RunningProcess.of(command)) {
            assertEquals(0, process.awaitExit(), process::toString);
            List<String> said = Stream.concat(process.stdout().stream(), process.stderr().stream())
                    .toList();
            assertTrue(said.stream().anyMatch(line -> line.contains("OpenAPI 3.1")), "its output is not what it was");
            assertEquals(
                    List.of(),
                    said.stream().filter(GeneratedClient::isComplaint).toList(),
                    generator);
        }
        return target;
    }

    /** Fields of the JSON, headers and media types may be renamed, as they have the names that they have. */
    private static boolean isComplaint(String line) {
        Matcher renamed = RENAMED.matcher(line);
        return COMPLAINT.matcher(line).matches()
                && !ITS_OWN.matcher(line).matches()
                && (!renamed.matches()
                        || OpenApiContract.FILTER
                                .document()
                                .at("/components/schemas")
                                .has(renamed.group(1)));
    }
}
