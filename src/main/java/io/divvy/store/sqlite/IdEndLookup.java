package io.divvy.store.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Finds rows by the ends of ids, with {@link IdEnds}, which it reads on before. Of the thread of one reader. */
final class IdEndLookup {
    /** That one look reads on, at most: it takes some milliseconds. */
    static final int ROWS_PER_LOOK = 10_000;

    private final Connection connection;
    private final IdEnds ends;

    IdEndLookup(Connection connection, IdEnds ends) {
        this.connection = connection;
        this.ends = ends;
    }

    /** Whether it can tell of an end in which rows it is, once it {@link #hasAll}. */
    boolean knows(String idEnd) {
        return ends.knows(idEnd);
    }

    /** Reads on; returns whether there is no more. */
    boolean hasAll() throws SQLException {
        // The long columns of a row are its last, so this reads none of them.
        String sql = "SELECT key, id FROM task WHERE key > ? ORDER BY key LIMIT ?";
        int rows = 0;
        try (PreparedStatement next = connection.prepareStatement(sql)) {
            new Bindings(next).number(ends.lastKey()).number(ROWS_PER_LOOK);
            try (ResultSet row = next.executeQuery()) {
                for (; row.next(); rows++) {
                    if (ends.isFull()) {
                        ends.makeRoom(firstKey());
                    }
                    ends.add(row.getLong(1), StoredText.unescape(row.getString(2)));
                }
            }
        }
        return rows < ROWS_PER_LOOK;
    }

    private long firstKey() throws SQLException {
        try (PreparedStatement first = connection.prepareStatement("SELECT MIN(key) FROM task");
                ResultSet row = first.executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /** From now on it knows none. */
    void giveUp() {
        ends.giveUp();
    }

    /** The keys of rows whose ids may end so, the newest first. */
    long[] find(String idEnd) {
        return ends.find(idEnd);
    }
}
