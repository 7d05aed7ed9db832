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
    /** Tasks that one page of a list looks at, at most: some milliseconds. */
    static final int TASKS_PER_PAGE = 10_000;

    private static final TaskPosition NEWEST = new TaskPosition(Long.MAX_VALUE, new TaskId(""));
    private static final TaskPosition OLDEST = new TaskPosition(Long.MIN_VALUE, new TaskId(""));

    private static final String TASKS =
            "SELECT " + TaskColumns.FIXED + ", " + TaskColumns.CHANGING + ", key, LENGTH(result) FROM task";

    private final Connection connection;
    private final PreparedStatement byId;
    private final PreparedStatement byKey;
    private final PreparedStatement list;
    private final PreparedStatement horizon;
    private final PreparedStatement result;

    /** The connection is closed with this, or when this fails. */
    ReadStatements(Connection connection) throws SQLException {
        this.connection = connection;
        try {
            byId = connection.prepareStatement(TASKS + " WHERE id = ? AND finished_ms IS NOT NULL");
            byKey = connection.prepareStatement(
                    TASKS + " WHERE submitter = '' AND submit_key = ? AND finished_ms IS NOT NULL");
            list = connection.prepareStatement(TASKS + """
                     WHERE finished_ms IS NOT NULL AND (submitted_ms, id) < (?, ?) AND (submitted_ms, id) >= (?, ?)
                        AND (? IS NULL OR state = ?) AND (? IS NULL OR type = ?)
                        ORDER BY submitted_ms DESC, id DESC
                    """);
            horizon = connection.prepareStatement("""
                    SELECT submitted_ms, id FROM task WHERE finished_ms IS NOT NULL AND (submitted_ms, id) < (?, ?)
                        ORDER BY submitted_ms DESC, id DESC LIMIT 1 OFFSET ?
                    """);
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
        TaskPosition from = after == null ? NEWEST : after;
        TaskPosition horizon = horizon(from);
        TaskPosition to = horizon == null ? OLDEST : horizon;
        String state = filter.state() == null ? null : TaskColumns.name(filter.state());
        new Parameters(list)
                .number(from.submittedMs())
                .text(from.id().value())
                .number(to.submittedMs())
                .text(to.id().value())
                .text(state)
                .text(state)
                .text(filter.type())
                .text(filter.type());
        List<StoredTask> tasks = new ArrayList<>();
        try (ResultSet row = list.executeQuery()) {
            while (row.next()) {
                if (tasks.size() == atMost) {
                    return new TaskStore.Page(
                            tasks, atMost == 0 ? after : tasks.get(atMost - 1).position());
                }
                TaskColumns.Described task = TaskColumns.read(row);
                if (filter.matches(task.task(), task.notes())) {
                    tasks.add(withResult(row, task, longestResultBytes));
                }
            }
        }
        return new TaskStore.Page(tasks, horizon);
    }

    /** The last task that a page looks at, or null if it looks at all. */
    private @Nullable TaskPosition horizon(TaskPosition from) throws SQLException {
        new Parameters(horizon)
                .number(from.submittedMs())
                .text(from.id().value())
                .number(TASKS_PER_PAGE - 1);
        try (ResultSet found = horizon.executeQuery()) {
            return found.next() ? new TaskPosition(found.getLong(1), new TaskId(found.getString(2))) : null;
        }
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
