package io.divvy.store.sqlite;

import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.store.UnfinishedTask;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.function.Consumer;

/** Reads what has to be gone on with. */
final class UnfinishedTasks implements AutoCloseable {
    private final PreparedStatement tasks;
    private final ChunkStatements chunks;

    UnfinishedTasks(Connection connection) throws SQLException {
        tasks = connection.prepareStatement("""
                SELECT key, id, submitter, submit_key, object, fingerprint, keeps_results, subtasks, submitted_ms, progress.started_ms,
                        COALESCE(progress.retries, 0), COALESCE(progress.duplicates, 0),
                        COALESCE(progress.index_limit, subtasks), COALESCE(progress.last_failure, ''),
                        priority, labels, paused
                    FROM task LEFT JOIN progress ON progress.task = task.key
                    WHERE task.finished_ms IS NULL ORDER BY submitted_ms, key
                """);
        chunks = new ChunkStatements(connection);
    }

    void tasks(Consumer<UnfinishedTask> found) throws SQLException {
        try (ResultSet task = tasks.executeQuery()) {
            while (task.next()) {
                Row row = new Row(task);
                long key = row.number();
                UnfinishedTask.Draft read =
                        new UnfinishedTask.Draft(new TaskId(row.text()), TaskColumns.submitKey(row), row.bytes());
                read.fingerprint = row.text();
                read.keepsResults = row.flag();
                read.subtasks = row.number();
                read.submittedMs = row.number();
                TaskProgress progress =
                        new TaskProgress(row.numberOrNull(), row.number(), row.number(), row.number(), row.text());
                read.patch = patch(row);
                read.chunks = chunks.of(key);
                found.accept(read.finish(progress));
            }
        }
    }

    private static TaskPatch patch(Row row) throws SQLException {
        int priority = (int) row.number();
        Map<String, String> labels = TaskColumns.labels(row.text());
        Long paused = row.numberOrNull();
        return new TaskPatch(priority, labels, paused == null ? null : (Boolean) (paused != 0));
    }

    @Override
    public void close() throws SQLException {
        tasks.close();
        chunks.close();
    }
}
