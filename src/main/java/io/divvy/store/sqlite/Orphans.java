package io.divvy.store.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;

/**
 * Rows of chunks whose task ended and is not run again. Its end does not wait until they are deleted, as there may be ten thousand; that is done
 * bit by bit when there is nothing better to do. After a restart they are found again.
 */
final class Orphans {
    /** Rows that one transaction deletes of each table, at most: some ten milliseconds. */
    private static final int ROWS_PER_STEP = 1_000;

    private static final String[] DELETIONS = {
        "DELETE FROM part WHERE task = ? AND (chunk, from_index) IN"
                + " (SELECT chunk, from_index FROM part WHERE task = ? LIMIT " + ROWS_PER_STEP + ")",
        "DELETE FROM chunk WHERE task = ? AND number IN" + " (SELECT number FROM chunk WHERE task = ? LIMIT "
                + ROWS_PER_STEP + ")",
        "DELETE FROM progress WHERE task = ? AND task = ?",
    };

    /** Tasks that one transaction looks at, at most. */
    private static final int TASKS_PER_STEP = 1_000;

    private final ArrayDeque<Long> tasks = new ArrayDeque<>();

    void add(long task) {
        tasks.add(task);
    }

    boolean isEmpty() {
        return tasks.isEmpty();
    }

    /** Remembers the tasks whose rows were not deleted when the last server ended. */
    void find(Connection connection) throws SQLException {
        String next = """
                SELECT task, (SELECT finished_ms IS NULL FROM task WHERE key = progress.task)
                        OR EXISTS (SELECT 1 FROM rerun WHERE rerun.task = progress.task)
                    FROM progress WHERE task > ? ORDER BY task LIMIT 1000
                """;
        long after = -1;
        try (PreparedStatement statement = connection.prepareStatement(next)) {
            for (boolean isEnd = false; !isEnd; ) {
                isEnd = true;
                new Bindings(statement).number(after);
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        isEnd = false;
                        after = row.getLong(1);
                        if (!row.getBoolean(2)) { // It is finished for good, or swept.
                            add(after);
                        }
                    }
                }
            }
        }
    }

    /**
     * Deletes some. Returns how many tasks have none left; those are to be told to {@link #deleted} once that is committed.
     */
    int deleteSome(Connection connection) throws SQLException {
        int done = 0;
        int rows = 0;
        for (long task : tasks) {
            if (rows >= ROWS_PER_STEP || done == TASKS_PER_STEP) {
                break;
            }
            int ofTask = 0;
            for (String sql : DELETIONS) {
                if (ofTask < ROWS_PER_STEP) {
                    try (PreparedStatement delete = connection.prepareStatement(sql)) {
                        new Bindings(delete).number(task).number(task);
                        ofTask += delete.executeUpdate();
                    }
                }
            }
            rows += ofTask;
            if (ofTask < ROWS_PER_STEP) {
                done++;
            }
        }
        return done;
    }

    void deleted(int done) {
        for (int i = 0; i < done; i++) {
            tasks.remove();
        }
    }
}
