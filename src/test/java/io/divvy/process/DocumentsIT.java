package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.divvy.testing.RunningProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The commands of the README and of the guides work as they stand there, one after the other: whoever pastes them gets what
 * the page says. Servers and workers run on beside those that follow; {@code <id>} is the task of the last submission.
 */
@DisabledOnOs(OS.WINDOWS)
class DocumentsIT {
    private static final Path EXECUTABLE =
            Path.of(System.getProperty("divvy.jar")).toAbsolutePath().resolveSibling("divvy");
    private static final Pattern COMMANDS = Pattern.compile("^```sh\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern RUNS_ON = Pattern.compile("target/divvy (server|worker)\\b.*", Pattern.DOTALL);
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}");
    /** An answer that says that the request was refused fails a command, too. */
    private static final String STRICT_CURL = "curl() { command curl -fsS \"$@\"; }; ";

    @TempDir
    Path folder;

    private final List<RunningProcess> running = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private String httpAddress = "";
    private String lastId = "";

    @AfterEach
    void stop() {
        for (int i = running.size() - 1; i >= 0; i--) {
            running.get(i).close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "src/docs/getting-started.md",
                "src/docs/clients.md",
                "src/docs/operating.md",
            })
    void commandsWorkAsTheyStandThere(Path document) throws IOException {
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("DIVVY_DATA", folder.resolve("divvy-data").toString());
        List<String> blocks = COMMANDS.matcher(Files.readString(document))
                .results()
                .map((MatchResult block) -> block.group(1).strip())
                .toList();
        assertFalse(blocks.isEmpty(), () -> document + " shows no command");
        if (!blocks.get(0).contains("divvy server")) {
            begin("target/divvy server"); // A page that goes on from another one.
            begin("target/divvy worker");
        }
        for (String block : blocks) {
            if (RUNS_ON.matcher(block).matches()) {
                begin(block);
            } else {
                runs(block);
            }
        }
    }

    private RunningProcess start(String commands) {
        String here = commands.replace("target/divvy", EXECUTABLE.toString())
                .replace("http://127.0.0.1:8080", httpAddress)
                .replace("<id>", lastId);
        RunningProcess process =
                RunningProcess.of(List.of("sh", "-c", "cd '" + folder + "' && " + STRICT_CURL + here), environment);
        running.add(process);
        return process;
    }

    private void begin(String command) {
        boolean isServer = command.startsWith("target/divvy server");
        RunningProcess process = start("exec " + command + (isServer ? " --port 0 --http-port 0" : ""));
        if (!isServer) {
            process.awaitLine("connected to");
            return;
        }
        Matcher addresses = process.awaitLine("listening on tcp://(127\\.0\\.0\\.1:\\d+) and (http://\\S+)");
        environment.put("DIVVY_SERVER", addresses.group(1));
        httpAddress = addresses.group(2);
    }

    private void runs(String commands) {
        RunningProcess process = start(commands);
        assertEquals(0, process.awaitExit(), () -> commands + ": " + process);
        Matcher id = ID.matcher(String.join("\n", process.stdout()) + String.join("\n", process.stderr()));
        if (id.find()) {
            lastId = id.group();
        }
    }
}
