package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code src/packaging/Containerfile} describes, without a runtime for containers: its files are copied into a folder,
 * and the program is started there, as an image would start it.
 */
@Tag("package")
class ContainerfileIT {
    private static final Path FILE = Path.of("src/packaging/Containerfile");

    @TempDir
    Path image;

    private final Map<String, String> environment = new HashMap<>();
    private final List<String> entrypoint = new ArrayList<>();
    private final List<String> defaultArguments = new ArrayList<>();
    private final List<String> ports = new ArrayList<>();
    private String volume = "";

    @BeforeEach
    void build() throws IOException {
        for (String line : Files.readAllLines(FILE)) {
            String[] words = line.split("\\s+", 2);
            switch (words[0]) {
                case "COPY" -> copy(words[1].split(" "));
                case "ENV" -> environment.put(words[1].split("=", 2)[0], words[1].split("=", 2)[1]);
                case "EXPOSE" -> ports.addAll(List.of(words[1].split(" ")));
                case "VOLUME" -> volume = words[1];
                case "ENTRYPOINT" -> entrypoint.addAll(strings(words[1]));
                case "CMD" -> defaultArguments.addAll(strings(words[1]));
                case "", "#", "FROM", "RUN", "USER", "WORKDIR" -> {} // What a folder has no use for.
                default -> throw new AssertionError("this test does not know what this says: " + line);
            }
        }
    }

    private void copy(String[] fromAndTo) {
        Path to = image.resolve(fromAndTo[1].substring(1));
        to.getParent().toFile().mkdirs();
        InstalledPackage.run(
                "cp", "-a", InstalledPackage.tree().resolve(fromAndTo[0]).toString(), to.toString());
    }

    private static List<String> strings(String json) throws IOException {
        List<String> all = new ArrayList<>();
        for (JsonNode text : Json.MAPPER.readTree(json)) {
            all.add(text.asText());
        }
        return all;
    }

    @Test
    void theImageRunsAServerThatOthersReach() {
        // Its ports are those of this machine here.
        environment.put("DIVVY_PORT", "0");
        environment.put("DIVVY_HTTP_PORT", "0");
        Path data = image.resolve("data");
        assertEquals(volume, environment.put("DIVVY_DATA", data.toString()), "tasks outlive the container");
        try (RunningProcess server = start(defaultArguments)) {
            server.awaitLine("listening on tcp://0\\.0\\.0\\.0:\\d+ and http://0\\.0\\.0\\.0:\\d+");
            server.awaitLine("HTTP clients reach this server by its addresses and .*--allow-host");
            server.terminate();
            assertEquals(0, server.awaitExit(), server::toString);
            assertTrue(Files.exists(data.resolve("divvy.db")));
        }
    }

    @Test
    void theImageRunsAWorkerThatDrains() {
        try (ServerProcess server = new ServerProcess()) {
            environment.put("DIVVY_SERVER", server.address());
            try (RunningProcess worker = start(List.of("worker"))) {
                worker.awaitLine("connected to");
                worker.terminate();
                assertEquals(0, worker.awaitExit(), worker::toString);
            }
        }
    }

    @Test
    void thePortsAreThoseOfAServerThatIsToldOfNone() {
        try (RunningProcess help = start(List.of("server", "--help"))) {
            help.awaitExit();
            String options = String.join(" ", help.stdout()).replaceAll("\\s+", " ");
            assertEquals(2, ports.size(), ports::toString);
            for (String port : ports) {
                assertTrue(options.contains(port + " if not given"), help::toString);
            }
        }
    }

    private RunningProcess start(List<String> arguments) {
        List<String> command = new ArrayList<>(entrypoint);
        command.set(0, image.resolve(entrypoint.get(0).substring(1)).toString());
        command.addAll(arguments);
        return RunningProcess.of(command, environment);
    }
}
