package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.state.TaskId;
import io.divvy.store.Retention;
import io.divvy.store.sqlite.SqliteStore;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.JsonText;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import io.divvy.task.builtin.SumOfSquares;
import io.divvy.testing.RealTimeConfig;
import io.divvy.testing.WirePeer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server starts only if it can go on with all unfinished tasks of the one before, unless it is told to give up the others. */
@Timeout(60)
class RecoveryTest {
    private static final TaskTypes WITHOUT_LETTERS = new TaskTypes(List.of(new SumOfSquares()));

    @TempDir
    private Path data;

    @Nullable
    private DivvyServer server;

    /** Adds up what its subtasks give. */
    private record Letters(LongSupplier subtasks) implements TaskType {
        @Override
        public String name() {
            return "letters";
        }

        @Override
        public Subtasks split(ObjectNode params, @Nullable Long wanted) {
            long count = subtasks.getAsLong();
            return new Subtasks() {
                @Override
                public long count() {
                    return count;
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
            return Combiners.sum();
        }
    }

    private static TaskTypes letters(LongSupplier subtasks) {
        return new TaskTypes(List.of(new Letters(subtasks), new SumOfSquares()));
    }

    private static final TaskTypes TWO_LETTERS = letters(() -> 2);

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private DivvyServer bind(TaskTypes types, OnStranded onStranded) throws IOException {
        SqliteStore store = SqliteStore.open(data, Retention.DEFAULT);
        try {
            server = DivvyServer.bind(RealTimeConfig.onFreePort(), types, store, onStranded, FatalEnd.STOP_ONLY);
            return server;
        } catch (IOException e) {
            store.close();
            throw e;
        }
    }

    private void start(TaskTypes types, OnStranded onStranded) throws IOException {
        bind(types, onStranded).start();
    }

    private StrandedTasksException refusal(TaskTypes types, OnStranded onStranded) {
        return assertThrows(StrandedTasksException.class, () -> bind(types, onStranded));
    }

    private String submit(String task) throws Exception {
        return server.gateway()
                .submit(TaskObject.read(JsonText.object(task.replace('\'', '"'))))
                .get(20, TimeUnit.SECONDS)
                .id();
    }

    private TaskView find(String id) {
        return server.gateway()
                .find(id)
                .orTimeout(20, TimeUnit.SECONDS)
                .join()
                .orElseThrow()
                .get();
    }

    /** A task of two subtasks that is not finished when its server ends. */
    private String unfinished(String task) throws Exception {
        start(TWO_LETTERS, OnStranded.REFUSE_TO_START);
        String id = submit(task);
        server.close();
        return id;
    }

    private void change(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("divvy.db"));
                Statement statement = connection.createStatement()) {
            assertEquals(1, statement.executeUpdate(sql));
        }
    }

    @Test
    void aTaskWhoseTypeIsGoneKeepsTheServerFromStarting() throws Exception {
        String id = unfinished("{'type':'letters'}");
        StrandedTasksException refusal = refusal(WITHOUT_LETTERS, OnStranded.REFUSE_TO_START);
        assertEquals(
                "1 unfinished task cannot go on: task " + id + ": this server has no task type \"letters\"."
                        + " No task was changed. Put in place what they need, such as the jars of their task types as they"
                        + " were, and start again",
                refusal.getMessage());
        assertTrue(refusal.canBeFailed());
    }

    @Test
    void afterARefusalATaskGoesOnFromWhatWasDone() throws Exception {
        start(TWO_LETTERS, OnStranded.REFUSE_TO_START);
        String id = submit("{'type':'letters'}");
        try (WirePeer worker = WirePeer.connect(server.address())) {
            worker.send("{'type':'worker','protocol':2,'slots':1,'task_types':['letters'],'acks':true}");
            worker.receive("welcome");
            worker.receive("task");
            JsonNode lease = worker.receive("assign");
            worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':0,'results':[5]}");
            worker.receiveAfter("ack", "assign");
            server.close();
        }
        refusal(WITHOUT_LETTERS, OnStranded.REFUSE_TO_START);
        refusal(letters(() -> 3), OnStranded.REFUSE_TO_START);

        start(TWO_LETTERS, OnStranded.REFUSE_TO_START);
        assertEquals("running", find(id).state());
        assertEquals(1, find(id).progress().done());
    }

    @Test
    void theLedgerOfATaskThatFailedIsTrueAlsoAfterARestart() throws Exception {
        start(TWO_LETTERS, OnStranded.REFUSE_TO_START);
        String id = submit("{'type':'letters','max_attempts':1}");
        try (WirePeer worker = WirePeer.connect(server.address())) {
            worker.send("{'type':'worker','protocol':2,'slots':1,'task_types':['letters']}");
            worker.receive("welcome");
            worker.receive("task");
            JsonNode lease = worker.receive("assign");
            worker.send("{'type':'error','lease':" + lease.get("lease") + ",'index':0,'message':'no ink'}");
            worker.receiveAfter("forget", "cancel");
        }
        TaskView before = find(id);
        server.close();
        start(TWO_LETTERS, OnStranded.REFUSE_TO_START);
        for (TaskView view : List.of(before, find(id))) {
            assertEquals("failed", view.state());
            assertEquals(List.of(List.of(0L, 1L)), view.failedRanges());
            assertEquals(1, view.progress().failed());
            assertEquals(1, view.progress().cancelled());
        }
    }

    @Test
    void strandedTasksFailOnlyWhereThatIsAskedFor() throws Exception {
        String id = unfinished("{'type':'letters'}");
        start(WITHOUT_LETTERS, OnStranded.FAIL_THEM);
        await().until(() -> find(id).isFinished());
        assertEquals("failed", find(id).state());
        assertEquals(
                "the task cannot go on after a restart of the server: this server has no task type \"letters\"",
                find(id).error().message());
        String other = submit("{'type':'sum_of_squares','params':{'start':1,'end':9}}");
        server.close();

        start(WITHOUT_LETTERS, OnStranded.REFUSE_TO_START);
        assertEquals("failed", find(id).state(), "it is over, and in nobody's way");
        assertEquals("queued", find(other).state());
    }

    @Test
    void aTaskIsStrandedIfItsTypeSplitsDifferently() throws Exception {
        unfinished("{'type':'letters'}");
        String refusal = refusal(letters(() -> 3), OnStranded.REFUSE_TO_START).getMessage();
        assertTrue(refusal.contains("splits it into 3 subtasks now, and had split it into 2 before"), refusal);
    }

    @Test
    void aTaskIsStrandedIfTheCodeOfItsTypeThrows() throws Exception {
        unfinished("{'type':'letters'}");
        TaskTypes broken = letters(() -> {
            throw new NoClassDefFoundError("org/example/\nAlphabet");
        });
        String refusal = refusal(broken, OnStranded.REFUSE_TO_START).getMessage();
        assertTrue(refusal.contains("NoClassDefFoundError: org/example/ Alphabet"), refusal);
    }

    @Test
    void aTaskWithPayloadsIsStrandedWithoutTheTypeThatCombinesIt() throws Exception {
        String id = unfinished("{'type':'letters','payloads':[1,2]}");
        String refusal = refusal(WITHOUT_LETTERS, OnStranded.REFUSE_TO_START).getMessage();
        assertTrue(refusal.contains("the type \"letters\" does not combine its results now as it did"), refusal);

        start(TWO_LETTERS, OnStranded.REFUSE_TO_START);
        assertEquals("queued", find(id).state());
    }

    @Test
    void aTaskWithPayloadsGoesOnWithoutATypeThatItNeverNeeded() throws Exception {
        String id = unfinished("{'type':'nobody_has_this','payloads':[1,2]}");
        start(WITHOUT_LETTERS, OnStranded.REFUSE_TO_START);
        assertEquals("queued", find(id).state());
    }

    /** The server died between the two commits of a task that has nothing to do. */
    @Test
    void aTaskWithoutSubtasksCompletesAfterARestart() throws Exception {
        String id = unfinished("{'type':'letters','payloads':[1,2]}");
        change("UPDATE task SET subtasks = 0, pending = 0,"
                + " object = CAST('{\"type\":\"letters\",\"payloads\":[]}' AS BLOB)");
        start(TWO_LETTERS, OnStranded.REFUSE_TO_START);
        await().until(() -> find(id).isFinished());
        assertEquals("completed", find(id).state());
        assertEquals("0", String.valueOf(find(id).result()));
        server.close();

        start(TWO_LETTERS, OnStranded.REFUSE_TO_START);
        assertEquals("completed", find(id).state(), "its end is durable");
    }

    @Test
    void aTaskIsStrandedIfItsProgressCannotBeRead() throws Exception {
        start(TWO_LETTERS, OnStranded.REFUSE_TO_START);
        String id = submit("{'type':'letters','payloads':[1,2],'combine':'collect'}");
        try (WirePeer worker = WirePeer.connect(server.address())) {
            worker.send("{'type':'worker','protocol':2,'slots':1,'task_types':['letters'],'acks':true}");
            worker.receive("welcome");
            worker.receive("task");
            JsonNode lease = worker.receive("assign");
            worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':0,'results':[5]}");
            worker.receiveAfter("ack", "assign");
            server.close();
        }
        change("UPDATE part SET results = x'00'");
        StrandedTasksException refusal = refusal(TWO_LETTERS, OnStranded.REFUSE_TO_START);
        assertTrue(refusal.canBeFailed(), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("what was done of it cannot be read: not JSON"), refusal.getMessage());

        start(TWO_LETTERS, OnStranded.FAIL_THEM);
        await().until(() -> find(id).isFinished());
        assertEquals("failed", find(id).state());
    }

    @Test
    void aStoredTaskThatCannotBeReadIsNeverGivenUp() throws Exception {
        String id = unfinished("{'type':'letters'}");
        change("UPDATE task SET object = x'7b'");
        for (OnStranded onStranded : OnStranded.values()) {
            StrandedTasksException refusal = refusal(TWO_LETTERS, onStranded);
            assertTrue(
                    refusal.getMessage().contains("task " + id + ": it was stored in a form that this version"),
                    refusal.getMessage());
            assertFalse(refusal.canBeFailed());
        }
    }

    @Test
    void aStoredTaskForWhichMemoryDoesNotSufficeIsNeverGivenUp() throws Exception {
        unfinished("{'type':'letters'}");
        TaskTypes large = letters(() -> {
            throw new OutOfMemoryError("as if there were no memory");
        });
        StrandedTasksException refusal = refusal(large, OnStranded.FAIL_THEM);
        assertTrue(refusal.getMessage().contains("-Xmx"), refusal.getMessage());
        assertFalse(refusal.canBeFailed());
    }

    @Test
    void aServerIsNotReadyWhileItTakesUpTasks() throws Exception {
        String id = unfinished("{'type':'letters'}");
        bind(TWO_LETTERS, OnStranded.REFUSE_TO_START);
        CompletionException notReady = assertThrows(
                CompletionException.class, () -> server.gateway().ready().join());
        assertEquals(
                "not ready: the server is still taking up 1 unfinished task",
                notReady.getCause().getMessage());
        server.start();
        assertEquals("queued", find(id).state());
        assertEquals(List.of(), server.gateway().ready().join());
    }

    @Test
    void theMessageOnManyStrandedTasksStaysShort() {
        StrandedTasks stranded = new StrandedTasks();
        for (int number = 1; number <= 1_000; number++) {
            stranded.add(new TaskId("a" + number), "no type \"a\"");
            stranded.add(new TaskId("b" + number), "reason " + "b".repeat(1_000) + number);
            stranded.add(new TaskId("c" + number), "reason c" + number);
        }
        String message = stranded.toException().getMessage();
        assertTrue(
                message.startsWith("3000 unfinished tasks cannot go on: task a1 and 999 more: no type \"a\"."),
                message);
        assertTrue(message.contains(". Also task c1: reason c1. Also 999 more for other reasons. No task"), message);
        assertTrue(message.length() < 1_000, message);
    }
}
