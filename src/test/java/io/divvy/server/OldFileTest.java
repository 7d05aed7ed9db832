package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.store.Retention;
import io.divvy.store.sqlite.SqliteStore;
import io.divvy.task.JsonText;
import io.divvy.task.TaskTypes;
import io.divvy.testing.RealTimeConfig;
import io.divvy.testing.WirePeer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server goes on with the file of one that still took what a plain sender chose for the id of the task: {@code version-1.sql}
 * is what such a server left when it was killed. In it are, of plain senders, {@code job-1}, completed, {@code job-2},
 * cancelled, {@code job-3}, of which two of four subtasks are done, and {@code job-4}, untouched; and over REST a completed
 * task with the idempotency key {@code job-1}, and an open one without any.
 */
@Timeout(60)
class OldFileTest {
    private static final String UUID_7 = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
    private static final String KEYED = "01a212cf-13c5-7d59-9519-e74bd2f4d8c8";
    private static final String UNKEYED = "01a212cf-1b6a-75e2-ac85-bd5d141112aa";

    @TempDir
    private Path data;

    @Nullable
    private DivvyServer server;

    @BeforeEach
    void startOnTheOldFile() throws IOException, SQLException {
        try (InputStream resource = OldFileTest.class.getResourceAsStream("version-1.sql");
                Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("divvy.db"));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(new String(
                    Objects.requireNonNull(resource, "version-1.sql").readAllBytes(), StandardCharsets.UTF_8));
        }
        start();
    }

    private void start() throws IOException {
        server = DivvyServer.start(
                RealTimeConfig.onFreePort(),
                TaskTypes.builtin(),
                // Those tasks are as old as the file.
                SqliteStore.open(data, new Retention(Long.MAX_VALUE / 2, 1_000, 1 << 30)));
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private void restart() throws IOException {
        stop();
        start();
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private TaskView find(String id) {
        return get(server.gateway().find(id)).orElseThrow().get();
    }

    private WirePeer connect(String hello) {
        WirePeer peer = WirePeer.connect(server.address());
        peer.send(hello);
        return peer;
    }

    private WirePeer submit(String id, long end, long subtasks) {
        WirePeer sender = connect("{'type':'task_sender'}");
        sender.send("{'task_id':'" + id + "','range':[1," + end + "],'num_subtasks':" + subtasks + "}");
        return sender;
    }

    @Test
    void everyTaskHasAnIdOfOursAndIsFoundByWhatItsSenderCallsIt() throws IOException {
        String completed = "";
        for (int start = 0; start < 2; start++) {
            TaskView first = find("job-1");
            assertTrue(first.id().matches(UUID_7), first.id());
            assertEquals("job-1", first.alias());
            assertEquals("completed", first.state());
            assertEquals("22140", String.valueOf(first.result()));
            assertEquals("job-1", find(first.id()).alias());
            assertEquals(
                    first.submittedAt().toEpochMilli(),
                    Long.parseLong(first.id().replace("-", "").substring(0, 12), 16),
                    "time-ordered as all others");
            assertTrue(start == 0 || first.id().equals(completed), "it stays what it became");
            completed = first.id();

            assertEquals("cancelled", find("job-2").state());
            assertEquals(2, find("job-3").progress().done());
            assertEquals("queued", find("job-4").state());
            assertNull(find(KEYED).alias());
            assertNull(find(UNKEYED).alias());
            assertEquals("unkeyed", find(UNKEYED).name());
            restart();
        }
    }

    @Test
    void aPlainSenderAttachesToItsOpenTaskWhichGoesOnFromWhatWasDone() throws IOException {
        submit("job-3", 400, 4).close();
        await().until(() -> find("job-3").progress().done() == 2);
        restart();
        try (WirePeer sender = submit("job-3", 400, 4);
                WirePeer worker = connect("{'type':'worker'}")) {
            String id = find("job-3").id();
            for (int answered = 0; answered < 2; ) {
                JsonNode available = worker.receive();
                if (available.at("/subtask/task_id").asText().equals(id)) {
                    answered++;
                }
                worker.answerPlainly(available);
            }
            assertEquals(21_413_400, sender.receive().get("result").intValue());
            assertEquals(id, find("job-3").id());
        }
    }

    @Test
    void aPlainSenderHearsTheEndOfItsTaskAgainOrThatItsIdIsTaken() {
        try (WirePeer same = submit("job-1", 40, 2);
                WirePeer other = submit("job-1", 41, 2)) {
            assertEquals(22_140, same.receive().get("result").intValue());
            assertEquals(
                    "conflict: task_id: another task was submitted under it, task "
                            + find("job-1").id() + "; submit the same task again or take a new task_id",
                    other.receive().get("error").textValue());
        }
    }

    @Test
    void anIdempotencyKeyStillFindsItsTask() throws Exception {
        TaskObject same = TaskObject.read(JsonText.object(
                "{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":3},\"subtasks\":1,\"key\":\"job-1\"}"));
        SubmittedTask submitted = get(server.gateway().submit(same));
        assertEquals(KEYED, submitted.id());
        assertEquals(
                Optional.of("14"),
                Optional.ofNullable(submitted.task().get().result()).map(JsonNode::toString));
    }

    @Test
    void anIdIsFreeAgainOnceItsTaskIsDeleted() throws IOException {
        String first = find("job-2").id();
        assertTrue(get(server.gateway().delete("job-2")));
        restart();
        assertEquals(Optional.empty(), get(server.gateway().find("job-2")));
        try (WirePeer sender = submit("job-2", 3, 1)) {
            await().until(() -> get(server.gateway().find("job-2")).isPresent());
            assertEquals(Optional.empty(), get(server.gateway().find(first)));
            get(server.gateway().cancel("job-2"));
            assertEquals("the task was cancelled", sender.receive().get("error").textValue());
        }
    }
}
