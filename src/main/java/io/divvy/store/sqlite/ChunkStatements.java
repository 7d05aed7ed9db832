package io.divvy.store.sqlite;

import io.divvy.store.ChunkRow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads how far the chunks of a task came. */
final class ChunkStatements implements AutoCloseable {
    private final PreparedStatement chunks;
    private final PreparedStatement parts;

    ChunkStatements(Connection connection) throws SQLException {
        chunks = connection.prepareStatement("""
                SELECT number, seq, closed, failed, folded_to, attempts, accumulator
                    FROM chunk WHERE task = ? ORDER BY number
                """);
        parts = connection.prepareStatement("""
                SELECT from_index, to_index, combined, results
                    FROM part WHERE task = ? AND chunk = ? ORDER BY from_index
                """);
    }

    /** Those that were touched, in ascending order. */
    List<ChunkRow> of(long task) throws SQLException {
        List<ChunkRow> found = new ArrayList<>();
        new Bindings(chunks).number(task);
        try (ResultSet chunk = chunks.executeQuery()) {
            while (chunk.next()) {
                Row row = new Row(chunk);
                int number = (int) row.number();
                ChunkRow.Draft read = new ChunkRow.Draft(number, row.number());
                read.closed = Numbers.toRanges(row.bytes());
                read.failed = Numbers.toRanges(row.bytes());
                read.foldedTo = row.number();
                read.attempts = Numbers.toAttempts(row.bytes());
                read.accumulator = row.bytesOrNull();
                read.parts = parts(task, number);
                found.add(read.finish());
            }
        }
        return found;
    }

    private List<ChunkRow.PartRow> parts(long task, int chunk) throws SQLException {
        List<ChunkRow.PartRow> found = new ArrayList<>();
        new Bindings(parts).number(task).number(chunk);
        try (ResultSet part = parts.executeQuery()) {
            while (part.next()) {
                Row row = new Row(part);
                found.add(new ChunkRow.PartRow(row.number(), row.number(), row.flag(), row.bytes()));
            }
        }
        return found;
    }

    @Override
    public void close() throws SQLException {
        chunks.close();
        parts.close();
    }
}
