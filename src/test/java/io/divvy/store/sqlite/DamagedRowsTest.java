package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.queued;
import static io.divvy.store.StoredTasks.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.TaskPosition;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.ListQuery;
import io.divvy.store.Retention;
import io.divvy.store.StoreUser;
import io.divvy.store.TaskFilter;
import io.divvy.store.TaskStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A finished task that cannot be read any more is an error of that task, and of nobody else. */
class DamagedRowsTest {
    private static final int PAGE_BYTES = 4_096;

    @TempDir
    Path folder;

    private StoreUser open() throws IOException {
        return new StoreUser(SqliteStore.open(folder, Retention.DEFAULT));
    }

    private void fill() throws Exception {
        try (StoreUser user = open()) {
            for (int i = 1; i <= 5; i++) {
                TaskSnapshot task = task("t" + i, "key of t" + i, TaskSnapshot.State.COMPLETED, List.of(), 1_000 + i);
                get(user.create(task));
                get(user.finish(task, "\"" + ("result of t" + i + " ").repeat(60_000) + "\""));
            }
        }
    }

    private void sql(String statement) throws Exception {
        try (Connection connection = Database.connect(folder.resolve("divvy.db"));
                Statement sql = connection.createStatement()) {
            assertEquals(1, sql.executeUpdate(statement));
        }
    }

    private static List<String> listed(StoreUser user) {
        TaskStore.Page page = get(user.list(new ListQuery(TaskFilter.ALL, null, 100, 10, 1_000)));
        List<String> ids = new ArrayList<>();
        page.tasks().forEach(task -> ids.add(task.task().spec().id().value()));
        return ids;
    }

    private static String failure(CompletableFuture<?> read) {
        return assertThrows(CompletionException.class, () -> get(read))
                .getCause()
                .getMessage();
    }

    private void isToldAloneOf(StoreUser user) {
        String byId = failure(user.look("t3", 0));
        assertTrue(byId.startsWith("UNREADABLE: task t3 cannot be read"), byId);
        String byKey = failure(user.lookByKey("key of t3"));
        assertTrue(byKey.contains("key of t3"), byKey);
        assertEquals(List.of("t5", "t4", "t2", "t1"), listed(user), "a list goes on around it");
        for (String other : List.of("t1", "t2", "t4", "t5")) {
            assertTrue(user.find(other).isPresent(), other);
        }
        assertEquals("committed", get(user.create(queued("new"))), "tasks are taken");
        assertEquals(List.of(), user.heard, "the store is well");
    }

    @Test
    void aRowThatMakesNoSenseIsToldOfItsTaskAlone() throws Exception {
        fill();
        sql("UPDATE task SET state = 'nonsense' WHERE id = 't3'");
        try (StoreUser user = open()) {
            isToldAloneOf(user);
        }
    }

    @Test
    void labelsThatAreNoJsonAreToldOfTheirTaskAlone() throws Exception {
        fill();
        sql("UPDATE task SET labels = '{' WHERE id = 't3'");
        try (StoreUser user = open()) {
            isToldAloneOf(user);
        }
    }

    /** The name is so long that it has pages of its own; what follows it in the row cannot be found. */
    @Test
    void aRowOfWhichAPageIsTornIsToldOfItsTaskAlone() throws Exception {
        fill();
        sql("UPDATE task SET name = '" + "torn page ".repeat(3_000) + "' WHERE id = 't3'");
        tearPagesWith("torn page torn page");
        try (StoreUser user = open()) {
            isToldAloneOf(user);
        }
    }

    @Test
    void thoseBesideATornRowAreFoundByTheEndsOfTheirIdsAfterIt() throws Exception {
        try (StoreUser user = open()) {
            for (int i = 1; i <= 3; i++) {
                TaskSnapshot task = task("task-number-" + i, null, TaskSnapshot.State.COMPLETED, List.of(), 1_000 + i);
                get(user.create(task));
                get(user.finish(task, "1"));
            }
        }
        sql("UPDATE task SET name = '" + "torn page ".repeat(3_000) + "' WHERE id = 'task-number-2'");
        tearPagesWith("torn page torn page");
        try (StoreUser user = open()) {
            for (int i : new int[] {1, 2, 3, 1}) {
                List<String> expected = i == 2 ? List.of() : List.of("task-number-" + i);
                assertEquals(expected, listedByEnd(user, "number-" + i));
            }
            assertEquals(List.of(), user.heard, "the store is well");
        }
    }

    private static List<String> listedByEnd(StoreUser user, String idEnd) {
        List<String> ids = new ArrayList<>();
        TaskPosition next = null;
        do {
            TaskStore.Page page = get(user.list(new ListQuery(TaskFilter.ofIdEnd(idEnd), next, 100, 10, 1_000)));
            page.tasks().forEach(task -> ids.add(task.task().spec().id().value()));
            next = page.next();
        } while (next != null);
        return ids;
    }

    @Test
    void aResultOfWhichAPieceIsTornFailsWhereItIsTorn() throws Exception {
        fill();
        tearPagesWith("result of t3 result of t3");
        try (StoreUser user = open()) {
            assertTrue(user.look("t3", 0).join().isPresent(), "without its result it is whole");
            String whole = failure(user.look("t3", Long.MAX_VALUE));
            assertTrue(whole.startsWith("UNREADABLE: task t3 cannot be read"), whole);
            String piece = failure(user.openResult("t3").read(0));
            assertTrue(piece.contains("the result of task t3 cannot be read"), piece);
            assertEquals(List.of("t5", "t4", "t3", "t2", "t1"), listed(user));
            assertTrue(user.find("t2").isPresent());
            assertEquals(List.of(), user.heard, "the store is well");
        }
    }

    /** Where an overflow page says which one is next, there is nonsense from now on. */
    private void tearPagesWith(String text) throws IOException {
        Path file = folder.resolve("divvy.db");
        byte[] bytes = Files.readAllBytes(file);
        byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
        int torn = 0;
        for (int page = PAGE_BYTES; page < bytes.length; page += PAGE_BYTES) {
            String content = new String(bytes, page + 4, PAGE_BYTES - 4, StandardCharsets.ISO_8859_1);
            // All of the page is the text, but for a number at its beginning.
            if (content.startsWith(text, content.indexOf(text)) && content.indexOf(text) < wanted.length) {
                for (int i = 0; i < 4; i++) {
                    bytes[page + i] = 0x7f;
                }
                torn++;
            }
        }
        assertTrue(torn > 0, "there are such pages");
        Files.write(file, bytes);
    }
}
