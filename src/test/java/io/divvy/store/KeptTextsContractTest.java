package io.divvy.store;

import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.queued;
import static io.divvy.store.StoredTasks.task;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What every store keeps of what was submitted and what failed, when a task has ended. */
public abstract class KeptTextsContractTest extends IdEndContractTest {
    @Test
    void whatFailedIsKeptWithItsTask() {
        TaskStore store = large();
        StoredTexts texts = new StoredTexts(null, bytes("[1]"), bytes("[2]"), null);
        for (String id : List.of("at once", "later")) {
            TaskSnapshot task = completed(id, null);
            if (id.equals("later")) {
                create(store, queued(task));
            } else {
                createWithoutWaiting(store, queued(task));
            }
            onLoop((CompletableFuture<Boolean> done) ->
                    store.finishTask(new StoredTask(task, NOTES, texts, null), () -> done.complete(true)));
            assertArrayEquals(
                    bytes("[1]"), find(store, id).orElseThrow().texts().failureKinds(), id);
            assertArrayEquals(bytes("[2]"), failures(store, id).orElseThrow().text(), id);
        }
        finish(store, completed("whole", null), "1");
        assertNull(failures(store, "whole").orElseThrow().text());
        assertFalse(failures(store, "unknown").isPresent());
        delete(store, "later");
        assertFalse(failures(store, "later").isPresent());
    }

    @Test
    void allThatWasSubmittedIsKeptWhereItIsSaidSo() {
        TaskStore store = large();
        StoredTexts texts = new StoredTexts(bytes("{}"), null, null, bytes("{\"type\":\"all\"}"));
        for (String id : List.of("at once", "later")) {
            TaskSnapshot task = completed(id, null);
            if (id.equals("later")) {
                create(store, queued(task));
            } else {
                createWithoutWaiting(store, queued(task));
            }
            onLoop((CompletableFuture<Boolean> done) ->
                    store.finishTask(new StoredTask(task, NOTES, texts, bytes("1")), () -> done.complete(true)));
            Rerun kept = rerun(store, id).orElseThrow();
            assertEquals(task, kept.task().task());
            assertEquals(NOTES, kept.task().notes());
            assertArrayEquals(texts.input(), kept.task().texts().input());
            assertArrayEquals(texts.whole(), kept.task().texts().whole());
            assertArrayEquals(bytes("1"), find(store, id).orElseThrow().result());
        }
        finish(store, completed("short", null), "1");
        assertNull(rerun(store, "short").orElseThrow().task().texts().whole());
        assertFalse(rerun(store, "unknown").isPresent());
        delete(store, "later");
        assertFalse(rerun(store, "later").isPresent());
    }

    final Optional<Rerun> rerun(TaskStore store, String id) {
        return onLoop(found -> store.findRerun(new TaskId(id), found::complete, StoreUnderTest::unreadable));
    }

    private void createWithoutWaiting(TaskStore store, TaskSnapshot task) {
        onLoop((CompletableFuture<Boolean> asked) -> {
            store.createTask(new NewTask(task, NOTES, bytes("{}")), () -> {}, why -> {
                throw new AssertionError(why);
            });
            asked.complete(true);
        });
    }

    private Optional<TaskStore.Failures> failures(TaskStore store, String id) {
        return onLoop(found -> store.findFailures(new TaskId(id), found::complete, StoreUnderTest::unreadable));
    }
}
