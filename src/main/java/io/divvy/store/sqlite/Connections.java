package io.divvy.store.sqlite;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens connections to the file. */
@FunctionalInterface
interface Connections {
    Connection open() throws SQLException;
}
