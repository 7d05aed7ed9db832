package io.divvy.store.sqlite;

import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.ChunkRow;
import io.divvy.store.NewTask;
import io.divvy.store.Retention;
import io.divvy.store.StoredTask;
import io.divvy.store.StoredTexts;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the writer says to the database. A transaction begins with the file's lock and a look at the epoch, so that a server
 * that was replaced changes nothing.
 */
final class WriteStatements implements AutoCloseable {
    static final long NO_ROW = -1;

    private final Connection connection;
    private final long epoch;
    private final ResultPieces pieces;
    private final RerunStatements reruns;
    private final PreparedStatement newestEpoch;
    private final PreparedStatement probe;
    private final PreparedStatement createNew;
    private final PreparedStatement createAny;
    private final PreparedStatement patch;
    private final PreparedStatement advance;
    private final PreparedStatement insertChunk;
    private final PreparedStatement updateChunk;
    private final PreparedStatement seqOfChunk;
    private final PreparedStatement deleteFoldedParts;
    private final PreparedStatement insertPart;
    private final PreparedStatement finish;
    private final PreparedStatement find;
    private final PreparedStatement delete;
    private final PreparedStatement undo;
    private final PreparedStatement oldest;
    private final PreparedStatement forget;
    private final PreparedStatement oldestMs;

    /** The connection is closed with this, or when this fails. */
    WriteStatements(Connection connection, long epoch) throws SQLException {
        this.connection = connection;
        this.epoch = epoch;
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute(
                        "PRAGMA wal_autocheckpoint = 0"); // Checkpoints does it, so that no commit waits for it.
            }
            pieces = new ResultPieces(connection);
            reruns = new RerunStatements(connection);
            newestEpoch = connection.prepareStatement("SELECT MAX(number) FROM epoch");
            probe = connection.prepareStatement("UPDATE epoch SET opened_ms = opened_ms WHERE number = ?");
            String create = "INSERT INTO task(key, epoch, " + TaskColumns.FIXED;
            String values = ") VALUES (?, ?" + ", ?".repeat(TaskColumns.FIXED_COUNT);
            String end = ") ON CONFLICT DO NOTHING";
            createNew = connection.prepareStatement(
                    create + ", object, " + TaskColumns.NEW + values + ", ?, " + TaskColumns.NEW_VALUES + end);
            createAny = connection.prepareStatement(create + ", object, " + TaskColumns.CHANGING
                    + ", result, result_bytes, failure_kinds, failures" + values
                    + ", ?".repeat(1 + TaskColumns.CHANGING_COUNT + 4) + end);
            patch = connection.prepareStatement("""
                    UPDATE task SET priority = COALESCE(?, priority), labels = COALESCE(?, labels),
                            paused = COALESCE(?, paused)
                        WHERE id = ? AND epoch = ? AND finished_ms IS NULL
                    """);
            advance = connection.prepareStatement("""
                    INSERT INTO progress(task, started_ms, retries, duplicates, index_limit, last_failure)
                        SELECT key, ?, ?, ?, ?, ? FROM task WHERE id = ? AND epoch = ? AND finished_ms IS NULL
                        ON CONFLICT (task) DO UPDATE SET started_ms = excluded.started_ms,
                            retries = excluded.retries, duplicates = excluded.duplicates,
                            index_limit = excluded.index_limit, last_failure = excluded.last_failure
                        RETURNING task
                    """);
            insertChunk = connection.prepareStatement("""
                    INSERT INTO chunk(seq, closed, failed, folded_to, attempts, accumulator, task, number)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """);
            updateChunk = connection.prepareStatement("""
                    UPDATE chunk SET seq = ?, closed = ?, failed = ?, folded_to = ?, attempts = ?, accumulator = ?
                        WHERE task = ? AND number = ? AND seq = ?
                    """);
            seqOfChunk = connection.prepareStatement("SELECT seq FROM chunk WHERE task = ? AND number = ?");
            deleteFoldedParts =
                    connection.prepareStatement("DELETE FROM part WHERE task = ? AND chunk = ? AND to_index <= ?");
            insertPart = connection.prepareStatement("""
                    INSERT INTO part(task, chunk, from_index, to_index, combined, results) VALUES (?, ?, ?, ?, ?, ?)
                    """);
            finish = connection.prepareStatement("UPDATE task SET (" + TaskColumns.CHANGING
                    + ", object, result, result_bytes, failure_kinds, failures) = (?"
                    + ", ?".repeat(TaskColumns.CHANGING_COUNT + 4)
                    + ") WHERE id = ? AND epoch = ? AND finished_ms IS NULL");
            find = connection.prepareStatement("SELECT key, epoch, finished_ms FROM task WHERE id = ?");
            delete = connection.prepareStatement(
                    "DELETE FROM task WHERE id = ? AND finished_ms IS NOT NULL RETURNING key");
            undo = connection.prepareStatement("DELETE FROM task WHERE key = ?");
            oldest = connection.prepareStatement("""
                    SELECT key, finished_ms, LENGTH(result), result_bytes FROM task WHERE finished_ms IS NOT NULL
                        ORDER BY finished_ms, key LIMIT ?
                    """);
            forget = connection.prepareStatement("DELETE FROM task WHERE key = ?");
            oldestMs = connection.prepareStatement("SELECT MIN(finished_ms) FROM task WHERE finished_ms IS NOT NULL");
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /**
     * Begins a transaction, which nobody else can do until it ends. The driver begins the next one at each
     * {@link Connection#commit}, which would keep the file locked while there is nothing to write; so that is not used.
     *
     * @throws LostException if another server came after this one
     */
    void begin() throws SQLException, LostException {
        connection.setAutoCommit(false);
        reruns.begin();
        long newest = number(newestEpoch);
        if (newest != epoch) {
            throw new LostException("the store belongs to epoch " + newest + ", this server is of epoch " + epoch
                    + ": another server was started on it");
        }
    }

    void commit() throws SQLException {
        connection.setAutoCommit(true);
    }

    /** Writes something that changes nothing, to see whether that is possible. */
    void probe() throws SQLException {
        new Bindings(probe).number(epoch);
        probe.executeUpdate();
    }

    /** Writes a task, with its end if it has ended already. False if there is one of that id or key. */
    boolean create(long key, NewTask created, @Nullable StoredTask finished) throws SQLException {
        TaskSnapshot task = finished == null ? created.task() : finished.task();
        boolean isNew = TaskColumns.isNew(task);
        PreparedStatement create = isNew ? createNew : createAny;
        Bindings parameters = new Bindings(create).number(key).number(epoch);
        TaskColumns.bindFixed(parameters, created.task(), created.notes());
        parameters.bytes(finished == null ? created.object() : finished.texts().input());
        byte[] result = finished == null ? null : finished.result();
        if (isNew) {
            TaskColumns.bindNew(parameters, task);
        } else {
            TaskColumns.bindChanging(parameters, task);
            bindFailures(bindResult(parameters, result), finished);
        }
        if (create.executeUpdate() == 0) {
            return false;
        }
        pieces.insert(key, result);
        return true;
    }

    /** False if there is no unfinished task of this epoch and id. */
    boolean patch(String id, TaskPatch change) throws SQLException {
        Integer priority = change.priority();
        Map<String, String> labels = change.labels();
        Boolean paused = change.paused();
        new Bindings(patch)
                .numberOrNull(priority == null ? null : (Long) priority.longValue())
                .text(labels == null ? null : TaskColumns.labels(labels))
                .numberOrNull(paused == null ? null : (Long) (paused ? 1L : 0L))
                .text(id)
                .number(epoch);
        return patch.executeUpdate() == 1;
    }

    /** Returns the key of the task, or {@link #NO_ROW} if there is no unfinished one of this epoch. */
    long advance(String id, TaskProgress progress) throws SQLException {
        new Bindings(advance)
                .numberOrNull(progress.startedMs())
                .number(progress.retries())
                .number(progress.duplicates())
                .number(progress.limit())
                .text(progress.lastFailure())
                .text(id)
                .number(epoch);
        return number(advance);
    }

    /** False if there is such a chunk already. */
    boolean insertChunk(long task, ChunkRow row) throws SQLException {
        bindChunk(insertChunk, task, row);
        return insertChunk.executeUpdate() == 1;
    }

    /** False if the chunk is not stored with that seq. */
    boolean updateChunk(long task, long storedSeq, ChunkRow row) throws SQLException {
        bindChunk(updateChunk, task, row).number(storedSeq);
        return updateChunk.executeUpdate() == 1;
    }

    private static Bindings bindChunk(PreparedStatement statement, long task, ChunkRow row) throws SQLException {
        return new Bindings(statement)
                .number(row.seq())
                .bytes(Numbers.ofRanges(row.closed()))
                .bytes(Numbers.ofRanges(row.failed()))
                .number(row.foldedTo())
                .bytes(Numbers.ofAttempts(row.attempts()))
                .bytes(row.accumulator())
                .number(task)
                .number(row.number());
    }

    /** {@link #NO_ROW} if the chunk is not stored. */
    long seqOfChunk(long task, int number) throws SQLException {
        new Bindings(seqOfChunk).number(task).number(number);
        return number(seqOfChunk);
    }

    void deleteFoldedParts(long task, int chunk, long foldedTo) throws SQLException {
        new Bindings(deleteFoldedParts).number(task).number(chunk).number(foldedTo);
        deleteFoldedParts.executeUpdate();
    }

    void insertPart(long task, int chunk, ChunkRow.PartRow part) throws SQLException {
        new Bindings(insertPart)
                .number(task)
                .number(chunk)
                .number(part.from())
                .number(part.to())
                .flag(part.combined())
                .bytes(part.results());
        insertPart.executeUpdate();
    }

    /** False if there is no unfinished task of this epoch and id. */
    boolean finish(StoredTask stored) throws SQLException {
        String id = stored.task().spec().id().value();
        Bindings parameters = new Bindings(finish);
        TaskColumns.bindChanging(parameters, stored.task());
        parameters.bytes(stored.texts().input());
        bindFailures(bindResult(parameters, stored.result()), stored).text(id).number(epoch);
        if (finish.executeUpdate() == 0) {
            return false;
        }
        if (ResultPieces.areMadeOf(stored.result())) {
            pieces.insert(keyOf(id), stored.result());
        }
        return true;
    }

    private static Bindings bindResult(Bindings to, byte @Nullable [] result) throws SQLException {
        return result != null && ResultPieces.areMadeOf(result)
                ? to.bytes(null).number(result.length)
                : to.bytes(result).numberOrNull(null);
    }

    private static Bindings bindFailures(Bindings to, @Nullable StoredTask finished) throws SQLException {
        StoredTexts texts = finished == null ? StoredTexts.NONE : finished.texts();
        return to.bytes(texts.failureKinds()).bytes(texts.failures());
    }

    /** Whether this end of the task is stored already. */
    boolean isFinished(StoredTask stored) throws SQLException {
        new Bindings(find).text(stored.task().spec().id().value());
        try (ResultSet found = find.executeQuery()) {
            return found.next() && found.getLong(2) == epoch && found.getLong(3) == stored.finishedMs();
        }
    }

    /** The key of the task, or {@link #NO_ROW}. */
    long keyOf(String id) throws SQLException {
        new Bindings(find).text(id);
        return number(find);
    }

    /** What is stored of a task, for people. */
    String describe(String id) throws SQLException {
        new Bindings(find).text(id);
        try (ResultSet found = find.executeQuery()) {
            if (!found.next()) {
                return "gone";
            }
            long owner = found.getLong(2);
            String ended = found.getObject(3) == null ? "" : " and finished";
            return "of epoch " + owner + ended + ", this server is of epoch " + epoch;
        }
    }

    /** False if there is no such finished task. */
    boolean delete(String id) throws SQLException {
        new Bindings(delete).text(id);
        long key = number(delete);
        if (key == NO_ROW) {
            return false;
        }
        pieces.delete(key);
        reruns.delete(key);
        return true;
    }

    /** What is written, and what is forgotten, of tasks that can be run again. */
    RerunStatements reruns() {
        return reruns;
    }

    /** Removes a created task of which nobody knows whether it was committed. */
    void undo(long key) throws SQLException {
        new Bindings(undo).number(key);
        undo.executeUpdate();
        // Whether it was there or not: it may have been removed by a commit of which nobody heard either.
        pieces.delete(key);
        reruns.delete(key);
        reruns.orphaned(key); // A rerun begins with chunks.
    }

    /**
     * Forgets the oldest finished tasks that are over what is retained, some of them. Returns how many.
     *
     * @param tasks that are stored
     * @param mostBytes of results; the first task may have more
     */
    int sweep(Retention retention, long nowMs, long tasks, int atMost, long mostBytes) throws SQLException {
        List<Long> keys = new ArrayList<>();
        List<Long> ofLongResults = new ArrayList<>();
        new Bindings(oldest).number(atMost);
        long bytes = 0;
        try (ResultSet task = oldest.executeQuery()) {
            while (task.next() && new Retained(tasks - keys.size(), task.getLong(2)).nextSweepMs(retention) <= nowMs) {
                long inPieces = task.getLong(4);
                bytes += inPieces == 0 ? task.getLong(3) : inPieces;
                if (!keys.isEmpty() && bytes > mostBytes) {
                    break;
                }
                long key = task.getLong(1);
                keys.add(key);
                if (inPieces > 0) {
                    ofLongResults.add(key);
                }
            }
        }
        for (long key : keys) {
            new Bindings(forget).number(key);
            forget.executeUpdate();
            reruns.delete(key);
        }
        for (long key : ofLongResults) {
            pieces.delete(key);
        }
        return keys.size();
    }

    /** When the oldest finished task finished, {@link Long#MAX_VALUE} if there is none. */
    long oldestMs() throws SQLException {
        try (ResultSet found = oldestMs.executeQuery()) {
            Long ms = found.next() ? new Row(found).numberOrNull() : null;
            return ms == null ? Long.MAX_VALUE : ms;
        }
    }

    Connection connection() {
        return connection;
    }

    /** What is not committed is rolled back. */
    @Override
    public void close() throws SQLException {
        connection.close();
    }

    private static long number(PreparedStatement statement) throws SQLException {
        try (ResultSet found = statement.executeQuery()) {
            return found.next() ? found.getLong(1) : NO_ROW;
        }
    }
}
