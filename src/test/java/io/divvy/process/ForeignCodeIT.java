package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskFailedException;
import io.divvy.client.TaskRefusedException;
import io.divvy.client.TaskRequest;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
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
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A jar on the class path of real servers and workers has a type whose code does what it must not. */
@Timeout(120)
class ForeignCodeIT {
    /** Does what its param {@code does} says, in the place that says so. */
    public static final class Careless implements TaskType {
        @Override
        public String name() {
            return "careless";
        }

        @Override
        public Subtasks split(ObjectNode params, @Nullable Long subtasks) {
            String does = params.path("does").textValue();
            if (does.equals("hang in split")) {
                hang();
            }
            return new Subtasks() {
                @Override
                public long count() {
                    return 20;
                }

                @Override
                public JsonNode payload(long index) {
                    return TextNode.valueOf(does);
                }
            };
        }

        private static void hang() {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                hang();
            }
        }

        @Override
        public JsonNode process(JsonNode payload, TaskContext context) {
            if (payload.textValue().equals("fill the memory")) {
                List<byte[]> kept = new ArrayList<>();
                while (true) {
                    kept.add(new byte[1 << 20]);
                }
            }
            if (payload.textValue().equals("exit")) {
                System.exit(0);
            }
            return payload;
        }

        @Override
        public Combiner<?> combiner(ObjectNode params) {
            return Combiners.count();
        }
    }

    @TempDir
    private Path folder;

    private final List<RunningProcess> running = new ArrayList<>();
    private RunningProcess server;

    @BeforeEach
    void start() throws Exception {
        Path services = Files.createDirectories(folder.resolve("types/META-INF/services"));
        Files.writeString(services.resolve(TaskType.class.getName()), Careless.class.getName());
        server = divvy("server", "--port", "0", "--http-port", "0", "--store", "memory", "--type-timeout", "1s");
    }

    @AfterEach
    void stop() {
        for (int i = running.size() - 1; i >= 0; i--) {
            running.get(i).close();
        }
    }

    private RunningProcess divvy(String... arguments) throws Exception {
        Path classes = Path.of(Careless.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                String.join(
                        File.pathSeparator,
                        System.getProperty("divvy.jar"),
                        classes.toString(),
                        folder.resolve("types").toString()),
                "io.divvy.cli.Main"));
        command.addAll(List.of(arguments));
        RunningProcess process = RunningProcess.of(command);
        running.add(process);
        return process;
    }

    private int port() {
        return Integer.parseInt(
                server.awaitLine("listening on tcp://127\\.0\\.0\\.1:(\\d+) ").group(1));
    }

    private RunningProcess worker(String name) throws Exception {
        return divvy("worker", "--server", "127.0.0.1:" + port(), "--slots", "1", "--name", name);
    }

    private DivvyClient connect() throws Exception {
        return DivvyClient.connect(new InetSocketAddress("127.0.0.1", port()));
    }

    private static TaskRequest careless(String does) {
        return TaskRequest.of("careless").param("does", does);
    }

    private static void othersGoOn(DivvyClient client) throws Exception {
        assertEquals(
                14,
                client.submit(TaskRequest.of("sum_of_squares").param("start", 1).param("end", 3))
                        .await()
                        .intValue());
        assertEquals(20, client.submit(careless("nothing")).await().intValue());
    }

    @Test
    void aWorkerWhoseMemoryIsUsedUpSaysSoAndEndsWith70() throws Exception {
        RunningProcess worker = worker("full");
        try (DivvyClient client = connect()) {
            var task = client.submit(careless("fill the memory").maxAttempts(1));
            TaskFailedException failed = assertThrows(TaskFailedException.class, task::await);
            assertTrue(failed.getMessage().contains("java.lang.OutOfMemoryError"), failed.getMessage());
            assertEquals(70, worker.awaitExit(), worker::toString);
            worker("next");
            othersGoOn(client);
        }
    }

    @Test
    void aWorkerWhoseTypeExitsEndsWith70AndDoesNotHang() throws Exception {
        RunningProcess worker = worker("leaving");
        try (DivvyClient client = connect()) {
            var task = client.submit(careless("exit"));
            assertEquals(70, worker.awaitExit(), worker::toString);
            assertTrue(worker.toString().contains("called System.exit"), worker::toString);
            task.cancel();
            worker("next");
            othersGoOn(client);
        }
    }

    @Test
    void aSplitThatHangsIsRefusedAfterTheTimeThatTypesHave() throws Exception {
        worker("good");
        try (DivvyClient client = connect()) {
            TaskRefusedException refused = assertThrows(
                    TaskRefusedException.class,
                    () -> client.submit(careless("hang in split")).await());
            assertTrue(refused.getMessage().contains("split did not return within 1000 ms"), refused.getMessage());
            othersGoOn(client);
        }
    }
}
