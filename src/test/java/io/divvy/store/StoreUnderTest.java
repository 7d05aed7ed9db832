package io.divvy.store;

import static io.divvy.store.StoredTasks.queued;
import static io.divvy.store.StoredTasks.task;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A store that a test calls as the loop does, one call after the other. */
public abstract class StoreUnderTest {
    protected static final long FOR_EVER_MS = Long.MAX_VALUE;
    static final TaskNotes NOTES = new TaskNotes("n", Map.of("team", "a", "kind", "test"));
    static final StoredTexts TEXTS = StoredTexts.ofInput(bytes("{\"params\":{}}"));

    final List<TaskStore> opened = new ArrayList<>();
    /** Calls come from it, and callbacks run on it. */
    final ExecutorService loop = Executors.newSingleThreadExecutor();

    long nowMs = 1_700_000_000_000L;

    /** An empty store that keeps so much of what is finished. */
    protected abstract TaskStore open(Retention retention) throws IOException;

    protected final TaskStore opened(int tasks, long bytes) {
        return opened(new Retention(FOR_EVER_MS, tasks, bytes));
    }

    TaskStore opened(Retention retention) {
        TaskStore store;
        try {
            store = open(retention);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        opened.add(store);
        store.start(loop, new TaskStore.Listener() {
            @Override
            public void failing(String why) {
                throw new AssertionError("nothing makes it fail: " + why);
            }

            @Override
            public void recovered() {
                throw new AssertionError("it never failed");
            }

            @Override
            public void lost(String why) {
                throw new AssertionError("nobody took it: " + why);
            }
        });
        return store;
    }

    TaskStore large() {
        return opened(1_000, 1 << 30);
    }

    @AfterEach
    void close() {
        opened.forEach(TaskStore::close);
        loop.shutdownNow();
    }

    /** What a call of the store leads to, be it at once or later. */
    protected final <T> T onLoop(Consumer<CompletableFuture<T>> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.execute(() -> call.accept(answer));
        return answer.orTimeout(10, TimeUnit.SECONDS).join();
    }

    protected static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    void create(TaskStore store, TaskSnapshot task) {
        onLoop((CompletableFuture<Boolean> done) -> store.createTask(
                new NewTask(task, NOTES, bytes("{}")),
                () -> done.complete(true),
                why -> done.completeExceptionally(new IllegalStateException(why))));
    }

    /** Creates and finishes it, and sweeps until there is nothing to sweep. */
    protected final void finish(TaskStore store, TaskSnapshot task, String result) {
        finishUnswept(store, task, result);
        sweep(store);
    }

    void sweep(TaskStore store) {
        for (int sweeps = 0; nextSweepMs(store) <= nowMs; sweeps++) {
            assertTrue(sweeps < 1_000, "it sweeps and sweeps and is never done");
            sweepOnce(store);
        }
    }

    /** Sweeps, and waits until that is done if there is something to sweep. */
    void sweepOnce(TaskStore store) {
        boolean isDue = nextSweepMs(store) <= nowMs;
        int before = listAll(store, TaskFilter.ALL, 5_000).size();
        onLoop((CompletableFuture<Boolean> done) -> {
            store.sweep(nowMs);
            done.complete(true);
        });
        await().until(() -> !isDue || listAll(store, TaskFilter.ALL, 5_000).size() < before);
    }

    long nextSweepMs(TaskStore store) {
        return onLoop((CompletableFuture<Long> answer) -> answer.complete(store.nextSweepMs()));
    }

    void finishUnswept(TaskStore store, TaskSnapshot task, String result) {
        onLoop((CompletableFuture<Boolean> done) -> createAndFinish(store, task, bytes(result), done));
    }

    static void createAndFinish(
            TaskStore store, TaskSnapshot task, byte @Nullable [] result, CompletableFuture<Boolean> done) {
        store.createTask(
                new NewTask(queued(task), NOTES, bytes("{}")),
                () -> {},
                why -> done.completeExceptionally(new IllegalStateException(why)));
        store.finishTask(new StoredTask(task, NOTES, TEXTS, result), () -> done.complete(true));
    }

    protected final Optional<StoredTask> find(TaskStore store, String id) {
        return findUpTo(store, id, Long.MAX_VALUE);
    }

    Optional<StoredTask> findUpTo(TaskStore store, String id, long longestResultBytes) {
        return onLoop(found -> store.findFinished(
                new TaskId(id), longestResultBytes, found::complete, TaskStoreContractTest::unreadable));
    }

    static void unreadable(ReadFailure failure) {
        throw new AssertionError("all can be read: " + failure);
    }

    protected final Optional<String> findByKey(TaskStore store, String key) {
        return findByKey(store, SubmitKey.key(key));
    }

    Optional<String> findByKey(TaskStore store, SubmitKey key) {
        Optional<StoredTask> stored =
                onLoop(found -> store.findFinishedByKey(key, found::complete, TaskStoreContractTest::unreadable));
        return stored.map(task -> task.task().spec().id().value());
    }

    void finishMany(TaskStore store, int count, IntFunction<TaskSnapshot> task) {
        onLoop((CompletableFuture<Boolean> done) -> {
            for (int i = 0; i < count; i++) {
                CompletableFuture<Boolean> one = i == count - 1 ? done : new CompletableFuture<>();
                createAndFinish(store, task.apply(i), bytes("1"), one);
            }
        });
    }

    static TaskSnapshot finishedAt(String id, long finishedMs) {
        return task(id, "key of " + id, TaskSnapshot.State.COMPLETED, List.of(), finishedMs - 2);
    }

    Optional<TaskStore.OpenedResult> openResult(TaskStore store, String id) {
        return onLoop(opened -> store.openResult(new TaskId(id), opened::complete, TaskStoreContractTest::unreadable));
    }

    static ByteBuffer piece(StoredResult result, long from) {
        return result.read(from).orTimeout(10, TimeUnit.SECONDS).join();
    }

    protected final boolean delete(TaskStore store, String id) {
        return onLoop(deleted -> store.deleteFinished(new TaskId(id), deleted::complete));
    }

    TaskStore.Page list(TaskStore store, TaskFilter filter, @Nullable TaskPosition after, int atMost) {
        return list(store, new ListQuery(filter, after, atMost, 1_000, Long.MAX_VALUE));
    }

    TaskStore.Page list(TaskStore store, ListQuery query) {
        return onLoop(page -> store.listFinished(query, page::complete, TaskStoreContractTest::unreadable));
    }

    /** Page by page to the end. */
    List<String> listAll(TaskStore store, TaskFilter filter, int pageSize) {
        List<String> all = new ArrayList<>();
        TaskStore.Page page = list(store, filter, null, pageSize);
        all.addAll(ids(page));
        while (page.next() != null) {
            page = list(store, filter, page.next(), pageSize);
            all.addAll(ids(page));
        }
        return all;
    }

    static List<String> ids(TaskStore.Page page) {
        return page.tasks().stream()
                .map(stored -> stored.task().spec().id().value())
                .toList();
    }
}
