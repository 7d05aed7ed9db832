package io.divvy.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskRequest;
import io.divvy.protocol.TaskView;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.JsonText;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import io.divvy.testing.RunningProcess;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server is started again without the jar of a task type that it has unfinished tasks of. */
class StrandedTasksIT {
    /** On the class path of some of the servers. */
    public static final class Vowels implements TaskType {
        @Override
        public String name() {
            return "vowels";
        }

        @Override
        public Subtasks split(ObjectNode params, @Nullable Long subtasks) {
            return new Subtasks() {
                @Override
                public long count() {
                    return 3;
                }

                @Override
                public JsonNode payload(long index) {
                    return JsonText.object("{}");
                }
            };
        }

        @Override
        public JsonNode process(JsonNode payload, TaskContext context) {
            return payload;
        }

        @Override
        public Combiner<?> combiner(ObjectNode params) {
            return Combiners.collect();
        }
    }

    @TempDir
    private Path folder;

    private Path typesFolder;

    @BeforeEach
    void nameTheType() throws Exception {
        typesFolder = folder.resolve("types");
        Path services = Files.createDirectories(typesFolder.resolve("META-INF/services"));
        Files.writeString(services.resolve(TaskType.class.getName()), Vowels.class.getName());
    }

    /** What {@code divvy server} takes, for the same data each time. */
    private List<String> server(String... more) {
        List<String> arguments = new ArrayList<>(List.of("server", "--port", "0", "--http-port", "0", "--data"));
        arguments.add(folder.resolve("data").toString());
        arguments.addAll(List.of(more));
        return arguments;
    }

    private RunningProcess withType() throws Exception {
        Path classes = Path.of(
                Vowels.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                String.join(
                        File.pathSeparator,
                        System.getProperty("divvy.jar"),
                        classes.toString(),
                        typesFolder.toString()),
                "io.divvy.cli.Main"));
        command.addAll(server());
        return RunningProcess.of(command);
    }

    private RunningProcess withoutType(Map<String, String> environment, String... more) {
        return RunningProcess.divvy(List.of(), environment, server(more).toArray(String[]::new));
    }

    private static DivvyClient connect(RunningProcess server) throws Exception {
        String port =
                server.awaitLine("listening on tcp://127\\.0\\.0\\.1:(\\d+) ").group(1);
        return DivvyClient.connect(new InetSocketAddress("127.0.0.1", Integer.parseInt(port)));
    }

    @Test
    void strandedTasksKeepTheServerFromStartingUntilTheyAreGivenUp() throws Exception {
        String id;
        try (RunningProcess first = withType();
                DivvyClient client = connect(first)) {
            id = client.submit(TaskRequest.of("vowels")).id();
        }
        // In the environment it might stand for years.
        try (RunningProcess refused = withoutType(Map.of("DIVVY_FAIL_STRANDED", "true"))) {
            assertEquals(3, refused.awaitExit(), refused::toString);
            assertEquals(List.of(), refused.stdout(), "no port is announced");
            String said = refused.stderr().get(refused.stderr().size() - 1);
            assertTrue(said.contains("task " + id + ": this server has no task type \"vowels\""), said);
            assertTrue(said.endsWith("or start once with --fail-stranded, which ends these tasks as failed"), said);
        }
        try (RunningProcess again = withType();
                DivvyClient client = connect(again)) {
            assertEquals("queued", client.status(id).state());
        }
        try (RunningProcess told = withoutType(Map.of(), "--fail-stranded");
                DivvyClient client = connect(told)) {
            await().until(() -> client.status(id).isFinished());
            TaskView task = client.status(id);
            assertEquals("failed", task.state());
            assertTrue(task.error().message().contains("no task type \"vowels\""), task.error()::message);
        }
        try (RunningProcess after = withoutType(Map.of());
                DivvyClient client = connect(after)) {
            assertEquals("failed", client.status(id).state());
            assertFalse(after.toString().contains("cannot go on"), after::toString);
        }
    }
}
