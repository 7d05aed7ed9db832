package io.divvy.store.sqlite;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Fills the parameters of a statement one after the other. */
final class Bindings {
    private final PreparedStatement statement;
    private int count;

    Bindings(PreparedStatement statement) {
        this.statement = statement;
    }

    Bindings text(@Nullable String value) throws SQLException {
        statement.setString(++count, value == null ? null : StoredText.escape(value));
        return this;
    }

    Bindings number(long value) throws SQLException {
        statement.setLong(++count, value);
        return this;
    }

    Bindings numberOrNull(@Nullable Number value) throws SQLException {
        statement.setObject(++count, value == null ? null : (Long) value.longValue());
        return this;
    }

    Bindings flag(boolean value) throws SQLException {
        return number(value ? 1 : 0);
    }

    Bindings bytes(byte @Nullable [] value) throws SQLException {
        statement.setBytes(++count, value);
        return this;
    }
}
