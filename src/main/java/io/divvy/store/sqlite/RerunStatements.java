package io.divvy.store.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Writes what is kept of finished tasks that can be run again, and knows which chunks nobody needs any more. */
final class RerunStatements {
    private final PreparedStatement insert;
    private final PreparedStatement delete;
    /** Keys of tasks whose chunks are not needed any more, once the transaction is committed. */
    private final List<Long> orphans = new ArrayList<>();

    RerunStatements(Connection connection) throws SQLException {
        insert = connection.prepareStatement("INSERT INTO rerun(task, object) VALUES (?, ?)");
        delete = connection.prepareStatement("DELETE FROM rerun WHERE task = ?");
    }

    void insert(long task, byte[] object) throws SQLException {
        new Bindings(insert).number(task).bytes(object);
        insert.executeUpdate();
    }

    /** The task is forgotten, and with it its chunks if they were kept. */
    void delete(long task) throws SQLException {
        new Bindings(delete).number(task);
        if (delete.executeUpdate() == 1) {
            orphans.add(task);
        }
    }

    /** The task ended and may have left chunks. */
    void orphaned(long task) {
        orphans.add(task);
    }

    /** A transaction begins: what the last one said is not so, unless it was committed. */
    void begin() {
        orphans.clear();
    }

    /** Of the transaction that was committed. */
    List<Long> orphans() {
        return orphans;
    }
}
