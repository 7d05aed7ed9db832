package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.divvy.cli.CommandTranscript.Kind;
import io.divvy.cli.CommandTranscript.Step;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import io.divvy.testing.TemporaryFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * What people type and see, from the files in {@code src/test/resources/commands}. With {@code -Dtranscripts=write} the files are
 * written anew instead: read what changed before you commit it. {@code -Dtranscripts.only=tasks,wait} takes some of them.
 */
@DisabledOnOs(OS.WINDOWS)
class CommandTranscriptsIT {
    static final boolean WRITES = "write".equals(System.getProperty("transcripts"));
    private static final String ONLY = System.getProperty("transcripts.only", "");
    /** Recordings. */
    private static final Path STORIES = Path.of("src/test/resources/transcripts");

    private static ServerProcess server;
    private static Path bin;

    @BeforeAll
    static void start() throws IOException {
        server = new ServerProcess();
        server.startWorker("alice");
        bin = Files.createTempDirectory("divvy-bin");
        String jar = Path.of(System.getProperty("divvy.jar")).toAbsolutePath().toString();
        Path classes = bin.resolve("divvy.jsa");
        // Classes that are loaded and checked once save the many short processes almost half of their time.
        try (RunningProcess first = RunningProcess.divvy(
                List.of("-XX:ArchiveClassesAtExit=" + classes), Map.of(), "tasks", "--server", server.address())) {
            first.awaitExit();
        }
        Path divvy = bin.resolve("divvy");
        Files.writeString(
                divvy,
                "#!/bin/sh\nexec \"$JAVA_HOME/bin/java\" -XX:TieredStopAtLevel=1 -Xlog:disable -XX:SharedArchiveFile='"
                        + classes + "' -jar '" + jar + "' \"$@\"\n");
        Files.setPosixFilePermissions(divvy, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterAll
    static void stop() {
        server.close();
        TemporaryFolders.delete(bin);
    }

    @TestFactory
    List<DynamicNode> transcripts() throws IOException {
        boolean hasTerminals = TerminalSession.isPossible();
        List<DynamicNode> all = new ArrayList<>();
        for (CommandTranscript transcript : CommandTranscript.all()) {
            if (ONLY.isEmpty() || List.of(ONLY.split(",")).contains(transcript.name())) {
                all.add(dynamicContainer(transcript.name(), tests(transcript, hasTerminals)));
            }
        }
        return all;
    }

    private static List<DynamicTest> tests(CommandTranscript transcript, boolean hasTerminals) throws IOException {
        CommandShell shell = new CommandShell(
                bin,
                Map.of(
                        "SERVER", server.address(),
                        "PORT", Integer.toString(server.port()),
                        "HTTP", server.httpUrl(),
                        "HTTP_PORT", server.httpUrl().replaceFirst(".*:", ""),
                        "STORIES", STORIES.toAbsolutePath().toString()));
        List<Step> seen = new ArrayList<>();
        List<DynamicTest> tests = new ArrayList<>();
        for (Step step : transcript.steps()) {
            String name = transcript.name() + ".txt:" + step.typed().line() + " " + step.kind().prompt
                    + step.typed().command();
            tests.add(dynamicTest(name, () -> {
                seen.add(step);
                assumeTrue(
                        step.kind() != Kind.TERMINAL || hasTerminals,
                        "there is no script of util-linux here, which makes a terminal: left out");
                List<String> output = shell.run(step);
                if (WRITES) {
                    seen.set(seen.size() - 1, step.withOutput(CommandPlaceholders.written(step.expected(), output)));
                } else if (!CommandPlaceholders.matches(step.expected(), output)) {
                    assertEquals(
                            String.join("\n", step.expected()),
                            String.join("\n", CommandPlaceholders.written(step.expected(), output)),
                            name);
                }
            }));
        }
        tests.add(dynamicTest(transcript.name() + ": end", () -> {
            shell.close();
            if (WRITES) {
                new CommandTranscript(transcript.name(), seen).write();
            }
        }));
        return tests;
    }
}
