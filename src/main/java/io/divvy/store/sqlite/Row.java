package io.divvy.store.sqlite;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Reads the columns of a row one after the other. */
final class Row {
    private final ResultSet row;
    private int count;

    Row(ResultSet row) {
        this.row = row;
    }

    String text() throws SQLException {
        String value = textOrNull();
        if (value == null) {
            throw missing();
        }
        return value;
    }

    @Nullable
    String textOrNull() throws SQLException {
        String value = row.getString(++count);
        return value == null ? null : StoredText.unescape(value);
    }

    long number() throws SQLException {
        return row.getLong(++count);
    }

    @Nullable
    Long numberOrNull() throws SQLException {
        long value = row.getLong(++count);
        return row.wasNull() ? null : (Long) value;
    }

    boolean flag() throws SQLException {
        return number() != 0;
    }

    byte[] bytes() throws SQLException {
        byte[] value = bytesOrNull();
        if (value == null) {
            throw missing();
        }
        return value;
    }

    byte @Nullable [] bytesOrNull() throws SQLException {
        return row.getBytes(++count);
    }

    private SQLException missing() {
        return new SQLException("column " + count + " is null, which it never should be");
    }
}
