package io.divvy.store.sqlite;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.store.ListQuery;
import io.divvy.store.Rerun;
import io.divvy.store.StoredResult;
import io.divvy.store.StoredTask;
import io.divvy.store.StoredTexts;
import io.divvy.store.TaskStore;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** What a reader asks the database about finished tasks. Each question is a transaction of its own. */
final class ReadStatements implements AutoCloseable {
    private static final String TASKS = "SELECT " + TaskColumns.FIXED + ", " + TaskColumns.CHANGING
            + ", key, COALESCE(result_bytes, LENGTH(result)), ";

    /** Once a task has ended, this column has what is shown of what was submitted. */
    private static final String TEXTS = "object, failure_kinds FROM task";

    private static final String SHORT_TEXTS =
            "CASE WHEN LENGTH(object) <= " + ListQuery.LONGEST_INPUT_BYTES + " THEN object END, NULL FROM task";

    private final Connection connection;
    private final PreparedStatement byId;
    private final PreparedStatement byKey;
    private final PreparedStatement piece;
    private final PreparedStatement inRow;
    private final PreparedStatement failures;
    private final PreparedStatement whole;
    private final PreparedStatement rerunBytes;
    private final ChunkStatements chunks;
    private final ListStatements list;

    /** A result of some pages is read with its task, so that nobody has to ask twice. */
    private static final int SHORT_RESULT_BYTES = 1 << 14;

    /**
     * A finished task.
     *
     * @param task with its result if that is short and was asked for
     * @param key of its row
     * @param resultBytes negative if it has no result
     */
    record Found(StoredTask task, long key, long resultBytes) {
        boolean hasResultUpTo(long bytes) {
            return resultBytes >= 0 && resultBytes <= bytes;
        }

        Found with(byte[] result) {
            return new Found(new StoredTask(task.task(), task.notes(), task.texts(), result), key, resultBytes);
        }
    }

    /** The connection is closed with this, or when this fails. */
    ReadStatements(Connection connection, DamageLog damage) throws SQLException {
        this.connection = connection;
        try {
            byId = connection.prepareStatement(TASKS + TEXTS + " WHERE id = ? AND finished_ms IS NOT NULL");
            byKey = connection.prepareStatement(
                    TASKS + TEXTS + " WHERE submitter = ? AND submit_key = ? AND finished_ms IS NOT NULL");
            piece = connection.prepareStatement("SELECT bytes FROM result_piece WHERE task = ? AND number = ?");
            inRow = connection.prepareStatement("SELECT SUBSTR(result, ?, ?), result_bytes FROM task WHERE key = ?");
            failures =
                    connection.prepareStatement("SELECT failures FROM task WHERE id = ? AND finished_ms IS NOT NULL");
            whole = connection.prepareStatement("SELECT object FROM rerun WHERE task = ?");
            rerunBytes = connection.prepareStatement("""
                    SELECT COALESCE((SELECT LENGTH(object) FROM rerun WHERE task = ?), 0)
                        + COALESCE((SELECT SUM(LENGTH(accumulator)) FROM chunk WHERE task = ?), 0)
                        + COALESCE((SELECT SUM(LENGTH(results)) FROM part WHERE task = ?), 0)
                    """);
            chunks = new ChunkStatements(connection);
            list = new ListStatements(connection, TASKS + SHORT_TEXTS, damage);
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    Optional<Found> find(TaskId id) throws SQLException {
        new Bindings(byId).text(id.value());
        Optional<Found> found = find(byId);
        if (found.isEmpty() || !found.get().hasResultUpTo(SHORT_RESULT_BYTES)) {
            return found;
        }
        Found task = found.get();
        byte[] result = result(task.key(), task.resultBytes());
        return result == null ? Optional.empty() : Optional.of(task.with(result));
    }

    Optional<Found> findByKey(SubmitKey key) throws SQLException {
        new Bindings(byKey).text(TaskColumns.submitter(key)).text(key.text());
        return find(byKey);
    }

    private static Optional<Found> find(PreparedStatement statement) throws SQLException {
        try (ResultSet found = statement.executeQuery()) {
            return found.next() ? Optional.of(read(found)) : Optional.empty();
        }
    }

    static Found read(ResultSet row) throws SQLException {
        TaskColumns.Described task = TaskColumns.read(row);
        long key = row.getLong(TaskColumns.COUNT + 1);
        long bytes = row.getLong(TaskColumns.COUNT + 2);
        long resultBytes = row.wasNull() ? -1 : bytes;
        StoredTexts texts =
                new StoredTexts(row.getBytes(TaskColumns.COUNT + 3), row.getBytes(TaskColumns.COUNT + 4), null, null);
        return new Found(new StoredTask(task.task(), task.notes(), texts, null), key, resultBytes);
    }

    Optional<TaskStore.Failures> failures(TaskId id) throws SQLException {
        new Bindings(failures).text(id.value());
        try (ResultSet found = failures.executeQuery()) {
            return found.next() ? Optional.of(new TaskStore.Failures(found.getBytes(1))) : Optional.empty();
        }
    }

    /**
     * Reads some transactions more if the task is kept as a whole.
     *
     * @param room waits until what is read has room: it is told how many bytes that will be
     */
    Optional<Rerun> rerun(TaskId id, LongConsumer room) throws SQLException {
        new Bindings(byId).text(id.value());
        Optional<Found> found = find(byId);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Found task = found.get();
        new Bindings(rerunBytes).number(task.key()).number(task.key()).number(task.key());
        try (ResultSet bytes = rerunBytes.executeQuery()) {
            room.accept(bytes.next() ? bytes.getLong(1) : 0);
        }
        new Bindings(whole).number(task.key());
        try (ResultSet kept = whole.executeQuery()) {
            if (!kept.next()) {
                return Optional.of(new Rerun(task.task(), List.of()));
            }
            StoredTexts texts = new StoredTexts(task.task().texts().input(), null, null, kept.getBytes(1));
            StoredTask stored = new StoredTask(task.task().task(), task.task().notes(), texts, null);
            return Optional.of(new Rerun(stored, chunks.of(task.key())));
        }
    }

    ListStatements list() {
        return list;
    }

    /**
     * A piece of a result, from this byte on; null if the task is gone. A short result is in the row of its task, a longer
     * one in rows of its own.
     */
    @Nullable
    ByteBuffer piece(long key, long from) throws SQLException {
        new Bindings(inRow).number(from + 1).number(StoredResult.PIECE_BYTES).number(key);
        try (ResultSet row = inRow.executeQuery()) {
            if (!row.next()) {
                return null;
            }
            byte[] bytes = row.getBytes(1);
            if (bytes != null) {
                return pieceOf(bytes, 0);
            }
        }
        new Bindings(piece).number(key).number(from / StoredResult.PIECE_BYTES);
        try (ResultSet row = piece.executeQuery()) {
            return row.next() ? pieceOf(row.getBytes(1), (int) (from % StoredResult.PIECE_BYTES)) : null;
        }
    }

    private static ByteBuffer pieceOf(byte @Nullable [] bytes, int from) throws SQLException {
        if (bytes == null || bytes.length <= from) {
            throw new SQLException("a piece of the result is shorter than what it should be");
        }
        return ByteBuffer.wrap(bytes, from, bytes.length - from);
    }

    /** The whole of a result, for who has room for it; null if the task is gone. */
    byte @Nullable [] result(long key, long length) throws SQLException {
        ByteBuffer whole = ByteBuffer.allocate(Math.toIntExact(length));
        while (whole.hasRemaining()) {
            ByteBuffer piece = piece(key, whole.position());
            if (piece == null) {
                return null;
            }
            whole.put(piece);
        }
        return whole.array();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
