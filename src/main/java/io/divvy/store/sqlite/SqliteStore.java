package io.divvy.store.sqlite;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.store.ChunkRow;
import io.divvy.store.ListQuery;
import io.divvy.store.NewTask;
import io.divvy.store.ReadFailure;
import io.divvy.store.Rerun;
import io.divvy.store.Retention;
import io.divvy.store.StoreOpenException;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskStore;
import io.divvy.store.UnfinishedTask;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps all in one file of a folder, and survives the end of the process at any moment. Of {@link Retention} it heeds the
 * age and the number; bytes bound what is kept in memory, and this is not.
 */
public final class SqliteStore implements TaskStore {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteStore.class);

    private final DataFolder folder;
    private final Database database;
    /** Open for as long as the file is marked as open, so that the log is there for as long. */
    private final Connection anchor;

    private final Claim claim;
    private final ChangeLog changes;
    private final Retention retention;
    private final Tuning tuning;
    private final UnaryOperator<Connections> connections;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "divvy-store-watch"));
    private volatile @Nullable Running running;

    // Of the loop.
    private Retained retained;
    private boolean isSweeping;
    /** New tasks that were refused and whose senders were not told yet. */
    private final Set<TaskId> refused = new HashSet<>();

    /** What there is once it is started. */
    private record Running(Writer writer, Readers readers, Threads threads, Health health, Executor loop) {}

    private record Threads(Thread writer, Thread checkpoints) {
        void start() {
            writer.start();
            checkpoints.start();
        }
    }

    /**
     * A file that is open.
     *
     * @param anchor keeps its log of changes while others come and go
     */
    private record OpenFile(DataFolder folder, Database database, Connection anchor, Claim claim) {}

    private SqliteStore(OpenFile file, Retention retention, Tuning tuning, UnaryOperator<Connections> connections) {
        this.folder = file.folder();
        this.database = file.database();
        this.anchor = file.anchor();
        this.claim = file.claim();
        this.changes = new ChangeLog(folder.database(), tuning.longLogBytes());
        this.retention = retention;
        this.tuning = tuning;
        this.connections = connections;
        this.retained = claim.retained();
    }

    /**
     * Opens the data of a folder, which is made if it is not there. From then on no former server can write to it.
     *
     * @throws StoreOpenException if another server uses it, or if it cannot be used; it is left as it is then
     */
    public static SqliteStore open(Path dataFolder, Retention retention) throws StoreOpenException {
        return open(dataFolder, retention, Tuning.DEFAULT, connections -> connections);
    }

    static SqliteStore open(Path dataFolder, Retention retention, Tuning tuning, UnaryOperator<Connections> connections)
            throws StoreOpenException {
        DataFolder folder = DataFolder.lock(dataFolder);
        try {
            Database database = Database.open(folder.database(), Schema.MIGRATIONS);
            return open(folder, database, retention, tuning, connections);
        } catch (StoreOpenException | RuntimeException e) {
            try {
                folder.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private static SqliteStore open(
            DataFolder folder,
            Database database,
            Retention retention,
            Tuning tuning,
            UnaryOperator<Connections> connections)
            throws StoreOpenException {
        Connection anchor = null;
        try {
            anchor = database.connect();
            if (!Database.markOpen(anchor)) {
                LOG.warn(
                        "another program reads from {}, so the mark that its log of changes belongs to it comes into the file"
                                + " only when that program has ended; until then, do not move or copy the file without its log",
                        folder.database());
            }
            Claim claim;
            try (Connection connection = database.connect()) {
                claim = Claim.of(connection, System.currentTimeMillis());
            }
            return new SqliteStore(new OpenFile(folder, database, anchor, claim), retention, tuning, connections);
        } catch (SQLException e) {
            closeAfter(e, anchor);
            throw database.unusable(e);
        }
    }

    private static void closeAfter(SQLException failure, @Nullable Connection anchor) {
        if (anchor != null) {
            try {
                Database.markClosed(anchor);
                anchor.close();
            } catch (SQLException e) {
                failure.addSuppressed(e);
            }
        }
    }

    @Override
    public boolean isDurable() {
        return true;
    }

    @Override
    public void recover(Consumer<UnfinishedTask> found) throws StoreOpenException {
        try (Connection connection = database.connect();
                UnfinishedTasks unfinished = new UnfinishedTasks(connection)) {
            unfinished.tasks(found);
        } catch (SQLException | RuntimeException e) {
            throw new StoreOpenException(
                    StoreOpenException.Reason.DAMAGED,
                    folder.database() + ": the unfinished tasks cannot be read: " + e
                            + "; move all of its folder away and keep it, to begin anew; to go back to a backup, also put"
                            + " that alone into the empty folder, as divvy.db",
                    e);
        }
    }

    @Override
    public void start(Executor loop, Listener listener) {
        Health health = new Health(loop, listener);
        Readers readers = new Readers(connections.apply(database::connect), changes, health, loop, tuning);
        Writer writer = new Writer(
                new Writer.Target(connections.apply(database::connect), changes, claim),
                retention,
                tuning,
                health,
                new Writer.Audience(loop, this::onCommitted));
        Threads threads = new Threads(
                daemon(writer, "divvy-store-writer"),
                daemon(new Checkpoints(connections.apply(database::connect), changes), "divvy-store-checkpoints"));
        running = new Running(writer, readers, threads, health, loop);
        threads.start();
        readers.start();
        long periodMs = Math.max(1, tuning.slowCommitMs() / CommitWatch.LOOKS);
        CommitWatch commits = new CommitWatch(writer::busySinceNs);
        watch.scheduleWithFixedDelay(() -> watch(commits, health), periodMs, periodMs, TimeUnit.MILLISECONDS);
    }

    static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private void watch(CommitWatch commits, Health health) {
        try {
            if (commits.isOneSlow()) {
                health.failing(
                        Health.Part.WRITER,
                        "a commit has taken " + tuning.slowCommitMs() + " ms and is not back; the disk may hang");
            }
        } catch (RuntimeException | Error e) { // Thrown on, it would end the watch for good.
            LOG.error("watching the commits failed; they are looked at again", e);
        }
    }

    private Running running() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("the store is not started");
        }
        return now;
    }

    /** What was committed, before all who asked hear of it. */
    private void onCommitted(Writer.Committed committed) {
        retained = committed.retained();
        if (committed.isSwept()) {
            isSweeping = false;
        }
        Lookups lookups = running().readers().lookups();
        committed
                .finished()
                .forEach(task -> lookups.finished(
                        task.task().spec().id(), task.task().spec().submitKey()));
    }

    @Override
    public void createTask(NewTask task, Runnable committed, Consumer<String> failed) {
        Running now = running();
        String why = now.health().why();
        if (why == null) {
            now.writer().add(new Write.Create(task, committed, failed));
            return;
        }
        TaskId id = task.task().spec().id();
        refused.add(id);
        now.loop().execute(() -> {
            failed.accept(why);
            refused.remove(id);
        });
    }

    @Override
    public void patchTask(TaskId task, TaskPatch patch, Runnable committed) {
        add(new Write.Patch(task, patch, committed));
    }

    @Override
    public void advanceTask(TaskId task, TaskProgress progress, List<ChunkRow> chunks, Runnable committed) {
        add(new Write.Advance(task, progress, chunks, committed));
    }

    @Override
    public void finishTask(StoredTask task, Runnable committed) {
        add(new Write.Finish(task, committed));
    }

    private void add(Write write) {
        if (!refused.contains(write.id())) {
            running().writer().add(write);
        }
    }

    @Override
    public void findFinished(
            TaskId id, long longestResultBytes, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        Readers readers = running().readers();
        readers.lookups()
                .find(
                        id,
                        task -> task.ifPresentOrElse(
                                there -> readers.withResult(there, longestResultBytes, found, failed),
                                () -> found.accept(Optional.empty())),
                        failed);
    }

    @Override
    public void findFinishedByKey(SubmitKey key, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        running()
                .readers()
                .lookups()
                .findByKey(key, task -> found.accept(task.map(ReadStatements.Found::task)), failed);
    }

    @Override
    public void findFailures(TaskId id, Consumer<Optional<Failures>> found, Consumer<ReadFailure> failed) {
        running().readers().failures(id, found, failed);
    }

    @Override
    public void findRerun(TaskId id, Consumer<Optional<Rerun>> found, Consumer<ReadFailure> failed) {
        running().readers().rerun(id, found, failed);
    }

    @Override
    public void openResult(TaskId id, Consumer<Optional<OpenedResult>> opened, Consumer<ReadFailure> failed) {
        Readers readers = running().readers();
        readers.lookups().find(id, task -> opened.accept(task.map(readers::open)), failed);
    }

    @Override
    public void listFinished(ListQuery query, Consumer<Page> listed, Consumer<ReadFailure> failed) {
        running().readers().list(query, listed, failed);
    }

    @Override
    public void deleteFinished(TaskId id, Consumer<Boolean> deleted) {
        running().writer().add(new Write.Delete(id, deleted));
    }

    @Override
    public void sweep(long nowMs) {
        if (nextSweepMs() <= nowMs) {
            isSweeping = true;
            running().writer().sweep(nowMs);
        }
    }

    @Override
    public long nextSweepMs() {
        return isSweeping ? Long.MAX_VALUE : retained.nextSweepMs(retention);
    }

    @Override
    public boolean isBeyondRepair() {
        Running now = running;
        return now != null && (now.writer().isBroken() || now.readers().isBroken());
    }

    /** Commits what is queued, if that is possible in a few seconds. */
    @Override
    public void close() {
        watch.shutdownNow();
        Running now = running;
        if (now != null) {
            now.writer().close();
            end(now.threads().writer());
            changes.close();
            end(now.threads().checkpoints());
            now.readers().close();
            now.readers().threads().forEach(this::end);
        }
        closeFile();
        try {
            folder.close();
        } catch (IOException e) {
            LOG.warn("the lock of the data folder cannot be let go: {}", e.toString());
        }
    }

    /** Where the mark cannot be taken away, the last connection is left open: its end would put the log into the file. */
    private void closeFile() {
        try {
            if (!anchor.isClosed()) {
                Database.markClosed(anchor);
                anchor.close();
            }
        } catch (SQLException e) {
            LOG.warn("the data file cannot be closed: {}; the next server checks it", e.toString());
        }
    }

    private void end(Thread thread) {
        try {
            thread.join(tuning.closeMs());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.error(
                    "{} did not end within {} ms; what it was about to commit may be lost",
                    thread.getName(),
                    tuning.closeMs());
        }
    }
}
