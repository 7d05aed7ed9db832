package io.divvy.store.sqlite;

import io.divvy.store.StoredResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Writes results of more than one piece, which are kept apart from their tasks. */
final class ResultPieces {
    private final PreparedStatement insert;
    private final PreparedStatement delete;

    ResultPieces(Connection connection) throws SQLException {
        insert = connection.prepareStatement("INSERT INTO result_piece(task, number, bytes) VALUES (?, ?, ?)");
        delete = connection.prepareStatement("DELETE FROM result_piece WHERE task = ?");
    }

    /** Whether a result is kept in pieces, and not in the row of its task. */
    static boolean areMadeOf(byte @Nullable [] result) {
        return result != null && result.length > StoredResult.PIECE_BYTES;
    }

    /** Does nothing for a result that is in the row of its task. */
    void insert(long task, byte @Nullable [] result) throws SQLException {
        if (result == null || !areMadeOf(result)) {
            return;
        }
        for (int from = 0; from < result.length; from += StoredResult.PIECE_BYTES) {
            int to = Math.min(result.length, from + StoredResult.PIECE_BYTES);
            new Bindings(insert)
                    .number(task)
                    .number(from / StoredResult.PIECE_BYTES)
                    .bytes(Arrays.copyOfRange(result, from, to));
            insert.executeUpdate();
        }
    }

    void delete(long task) throws SQLException {
        new Bindings(delete).number(task);
        delete.executeUpdate();
    }
}
