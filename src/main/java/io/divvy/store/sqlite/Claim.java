package io.divvy.store.sqlite;

import io.divvy.state.TaskId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;

/**
 * The store as it was when this server took it over. What a former server still tries to write names an epoch that is over.
 *
 * @param epoch counts the servers that were started on this store
 * @param wasClosed whether the last one ended in peace
 * @param advanced unfinished tasks that have rows of progress
 */
record Claim(long epoch, boolean wasClosed, Retained retained, Orphans orphans, Set<TaskId> advanced) {
    /** Epochs that are kept, for people who wonder when the server was restarted. */
    private static final int EPOCHS_KEPT = 100;

    static Claim of(Connection connection, long nowMs) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            long epoch;
            boolean wasClosed;
            try (ResultSet last = statement.executeQuery(
                    "SELECT number, closed_ms IS NOT NULL FROM epoch ORDER BY number DESC LIMIT 1")) {
                boolean isFirst = !last.next();
                epoch = isFirst ? 1 : last.getLong(1) + 1;
                wasClosed = isFirst || last.getBoolean(2);
            }
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO epoch(number, opened_ms) VALUES (?, ?)")) {
                new Bindings(insert).number(epoch).number(nowMs);
                insert.executeUpdate();
            }
            statement.executeUpdate("DELETE FROM epoch WHERE number <= " + (epoch - EPOCHS_KEPT));
            statement.executeUpdate("UPDATE task SET epoch = " + epoch + " WHERE finished_ms IS NULL");
            Retained retained;
            try (ResultSet finished = statement.executeQuery(
                    "SELECT COUNT(*), MIN(finished_ms) FROM task WHERE finished_ms IS NOT NULL")) {
                Row row = new Row(finished);
                long tasks = row.number();
                Long oldestMs = row.numberOrNull();
                retained = new Retained(tasks, oldestMs == null ? Long.MAX_VALUE : oldestMs);
            }
            Orphans orphans = new Orphans();
            orphans.find(connection);
            Set<TaskId> advanced = new HashSet<>();
            try (ResultSet unfinished = statement.executeQuery(
                    "SELECT id FROM task WHERE finished_ms IS NULL AND key IN (SELECT task FROM progress)")) {
                while (unfinished.next()) {
                    advanced.add(new TaskId(new Row(unfinished).text()));
                }
            }
            connection.commit();
            return new Claim(epoch, wasClosed, retained, orphans, advanced);
        }
    }

    /**
     * Below the keys of the tasks that this server creates. No key is ever used twice, so what is left of a task that was
     * deleted never belongs to another.
     */
    long firstKey() {
        return epoch << 32;
    }
}
