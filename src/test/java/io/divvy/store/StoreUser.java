package io.divvy.store;

import static org.awaitility.Awaitility.await;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Uses a store as a server does, from a loop of its own, and remembers what it heard. */
public final class StoreUser implements AutoCloseable {
    public static final TaskNotes NOTES = new TaskNotes("squares", Map.of("team", "a"));

    /** What the store said of itself: "failing: …", "recovered", "lost: …". */
    public final List<String> heard = new CopyOnWriteArrayList<>();

    private final TaskStore store;
    private final ExecutorService loop = Executors.newSingleThreadExecutor();

    public StoreUser(TaskStore store) {
        this.store = store;
        store.start(loop, new TaskStore.Listener() {
            @Override
            public void failing(String why) {
                heard.add("failing: " + why);
            }

            @Override
            public void recovered() {
                heard.add("recovered");
            }

            @Override
            public void lost(String why) {
                heard.add("lost: " + why);
            }
        });
    }

    /** "committed", or why it failed. */
    public CompletableFuture<String> create(TaskSnapshot task, ChunkRow... done) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        loop.execute(() -> create(task, answer, done));
        return answer;
    }

    /** Both in one turn of the loop, before it can hear what became of the first. */
    public CompletableFuture<String> createAndAdvance(
            TaskSnapshot task, TaskProgress progress, ChunkRow chunk, CompletableFuture<String> advanced) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        loop.execute(() -> {
            create(task, answer);
            store.advanceTask(task.spec().id(), progress, List.of(chunk), () -> advanced.complete("committed"));
        });
        return answer;
    }

    private void create(TaskSnapshot task, CompletableFuture<String> answer, ChunkRow... done) {
        byte[] object = ("{\"task\":\"" + task.spec().id() + "\"}").getBytes(StandardCharsets.UTF_8);
        NewTask created = new NewTask(StoredTasks.queued(task), NOTES, object, List.of(done));
        store.createTask(created, () -> answer.complete("committed"), answer::complete);
    }

    public CompletableFuture<String> patch(String task, TaskPatch patch) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        loop.execute(() -> store.patchTask(new TaskId(task), patch, () -> answer.complete("committed")));
        return answer;
    }

    public CompletableFuture<String> advance(String task, TaskProgress progress, ChunkRow... chunks) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        loop.execute(() -> store.advanceTask(
                new TaskId(task), progress, Arrays.asList(chunks), () -> answer.complete("committed")));
        return answer;
    }

    public CompletableFuture<String> finish(TaskSnapshot task, String result) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        StoredTask stored = new StoredTask(task, NOTES, StoredTexts.NONE, result.getBytes(StandardCharsets.UTF_8));
        loop.execute(() -> store.finishTask(stored, () -> answer.complete("committed")));
        return answer;
    }

    /** A task that can be run again. */
    public CompletableFuture<String> finishWhole(TaskSnapshot task) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        StoredTexts texts = new StoredTexts(null, null, null, new byte[] {'{', '}'});
        loop.execute(
                () -> store.finishTask(new StoredTask(task, NOTES, texts, null), () -> answer.complete("committed")));
        return answer;
    }

    public CompletableFuture<Boolean> delete(String task) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        loop.execute(() -> store.deleteFinished(new TaskId(task), answer::complete));
        return answer;
    }

    public Optional<StoredTask> find(String task) {
        return get(look(task, Long.MAX_VALUE));
    }

    /** Fails with what the store says of a task that cannot be read. */
    public CompletableFuture<Optional<StoredTask>> look(String task, long longestResultBytes) {
        CompletableFuture<Optional<StoredTask>> found = new CompletableFuture<>();
        loop.execute(() -> store.findFinished(
                new TaskId(task), longestResultBytes, found::complete, failure -> fail(found, failure)));
        return found;
    }

    public CompletableFuture<Optional<StoredTask>> lookByKey(String key) {
        CompletableFuture<Optional<StoredTask>> found = new CompletableFuture<>();
        loop.execute(
                () -> store.findFinishedByKey(SubmitKey.key(key), found::complete, failure -> fail(found, failure)));
        return found;
    }

    public CompletableFuture<TaskStore.Page> list(ListQuery query) {
        CompletableFuture<TaskStore.Page> listed = new CompletableFuture<>();
        loop.execute(() -> store.listFinished(query, listed::complete, failure -> fail(listed, failure)));
        return listed;
    }

    public StoredResult openResult(String task) {
        CompletableFuture<Optional<TaskStore.OpenedResult>> opened = new CompletableFuture<>();
        loop.execute(() -> store.openResult(new TaskId(task), opened::complete, failure -> fail(opened, failure)));
        return Objects.requireNonNull(get(opened).orElseThrow().result());
    }

    private static void fail(CompletableFuture<?> answer, ReadFailure failure) {
        answer.completeExceptionally(new IllegalStateException(failure.reason() + ": " + failure.message()));
    }

    /** Waits until the store has been asked for all that it was to be asked for. */
    public void settle() {
        get(CompletableFuture.runAsync(() -> {}, loop));
    }

    /** Asks for a sweep once, and does not wait for it. */
    public void askToSweep(long nowMs) {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        loop.execute(() -> {
            store.sweep(nowMs);
            asked.complete(null);
        });
        get(asked);
    }

    /** Sweeps until there is nothing to sweep at that time. */
    public void sweep(long nowMs) {
        await().until(() -> {
            CompletableFuture<Boolean> isDone = new CompletableFuture<>();
            loop.execute(() -> {
                store.sweep(nowMs);
                isDone.complete(store.nextSweepMs() > nowMs);
            });
            return get(isDone);
        });
    }

    public static <T> T get(CompletableFuture<T> answer) {
        return answer.orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        store.close();
        loop.shutdownNow();
    }
}
