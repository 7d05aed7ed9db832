package io.divvy.store.sqlite;

import io.divvy.scheduler.TaskId;
import io.divvy.scheduler.TaskPosition;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskFilter;
import io.divvy.store.TaskStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the reader asks the database about finished tasks. */
final class ReadStatements implements AutoCloseable {
    /** Tasks that one page of a list looks at, at most: some ten milliseconds. */
    static final int TASKS_PER_PAGE = 10_000;

    private static final String TASKS =
            "SELECT " + TaskColumns.FIXED + ", " + TaskColumns.CHANGING + ", key, LENGTH(result) FROM task";

    private final Connection connection;
    private final PreparedStatement byId;
    private final PreparedStatement byKey;
    private final PreparedStatement newest;
    private final PreparedStatement newestAfter;
    private final PreparedStatement result;

    /** The connection is closed with this, or when this fails. */
    ReadStatements(Connection connection) throws SQLException {
        this.connection = connection;
        try {
            byId = connection.prepareStatement(TASKS + " WHERE id = ? AND finished_ms IS NOT NULL");
            byKey = connection.prepareStatement(
                    TASKS + " WHERE submitter = '' AND submit_key = ? AND finished_ms IS NOT NULL");
            String newestFirst = " ORDER BY submitted_ms DESC, id DESC LIMIT " + (TASKS_PER_PAGE + 1);
            newest = connection.prepareStatement(TASKS + " WHERE finished_ms IS NOT NULL" + newestFirst);
            newestAfter = connection.prepareStatement(
                    TASKS + " WHERE finished_ms IS NOT NULL AND (submitted_ms, id) < (?, ?)" + newestFirst);
            result = connection.prepareStatement("SELECT result FROM task WHERE key = ?");
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    Optional<StoredTask> find(TaskId id) throws SQLException {
        new Parameters(byId).text(id.value());
        return find(byId);
    }

    Optional<StoredTask> findByKey(String submitKey) throws SQLException {
        new Parameters(byKey).text(submitKey);
        return find(byKey);
    }

    private Optional<StoredTask> find(PreparedStatement statement) throws SQLException {
        try (ResultSet found = statement.executeQuery()) {
            return found.next() ? Optional.of(read(found, Long.MAX_VALUE)) : Optional.empty();
        }
    }

    TaskStore.Page list(TaskFilter filter, @Nullable TaskPosition after, int atMost, long longestResultBytes)
            throws SQLException {
        PreparedStatement statement = after == null ? newest : newestAfter;
        if (after != null) {
            new Parameters(statement)
                    .number(after.submittedMs())
                    .text(after.id().value());
        }
        List<StoredTask> tasks = new ArrayList<>();
        TaskPosition last = after;
        int looked = 0;
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                if (tasks.size() == atMost || looked == TASKS_PER_PAGE) {
                    return new TaskStore.Page(tasks, last);
                }
                looked++;
                TaskColumns.Described task = TaskColumns.read(row);
                last = new TaskPosition(
                        task.task().submittedMs(), task.task().spec().id());
                if (filter.matches(task.task(), task.notes())) {
                    tasks.add(withResult(row, task, longestResultBytes));
                }
            }
        }
        return new TaskStore.Page(tasks, null);
    }

    private StoredTask read(ResultSet row, long longestResultBytes) throws SQLException {
        return withResult(row, TaskColumns.read(row), longestResultBytes);
    }

    /**
     * The result has a statement of its own, as a row that is looked at would be read with all that it has. Both see the
     * same moment: SQLite ends that of a connection with its last open statement.
     */
    private StoredTask withResult(ResultSet row, TaskColumns.Described task, long longestResultBytes)
            throws SQLException {
        long key = row.getLong(TaskColumns.COUNT + 1);
        long resultBytes = row.getLong(TaskColumns.COUNT + 2);
        if (row.wasNull() || resultBytes > longestResultBytes) {
            return new StoredTask(task.task(), task.notes(), null);
        }
        new Parameters(result).number(key);
        try (ResultSet found = result.executeQuery()) {
            return new StoredTask(task.task(), task.notes(), found.getBytes(1));
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
