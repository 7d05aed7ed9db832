package io.divvy.store.sqlite;

import io.divvy.store.StoreOpenException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables. They only use what PostgreSQL knows as well: BIGINT, TEXT, BLOB (there BYTEA), partial indexes.
 *
 * <p>A change of them is one more entry at the end of {@link #MIGRATIONS}; those that were released never change.
 */
final class Schema {
    /** Entry n, counted from 1, makes version n of what version n - 1 left; version 0 is an empty file. */
    static final List<List<String>> MIGRATIONS = List.of(
            List.of(
                    "CREATE TABLE schema_version(version BIGINT NOT NULL)",
                    "INSERT INTO schema_version(version) VALUES (0)",
                    // One row for each start of a server. The highest is the one whose writes count.
                    """
            CREATE TABLE epoch(
                number BIGINT PRIMARY KEY,
                opened_ms BIGINT NOT NULL,
                closed_ms BIGINT)
            """,
                    // The long columns are the last, so that a list does not read past them.
                    """
            CREATE TABLE task(
                key INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                epoch BIGINT NOT NULL,
                submitter TEXT NOT NULL DEFAULT '',
                submit_key TEXT,
                fingerprint TEXT NOT NULL,
                type TEXT NOT NULL,
                derivable BIGINT NOT NULL,
                fold_order TEXT NOT NULL,
                foldable BIGINT NOT NULL,
                keeps_results BIGINT NOT NULL,
                early_end TEXT NOT NULL,
                on_failure TEXT NOT NULL,
                priority BIGINT NOT NULL,
                max_attempts BIGINT NOT NULL,
                subtask_timeout_ms BIGINT NOT NULL,
                timeout_ms BIGINT NOT NULL,
                name TEXT,
                labels TEXT NOT NULL,
                submitted_ms BIGINT NOT NULL,
                state TEXT NOT NULL,
                subtasks BIGINT NOT NULL,
                pending BIGINT NOT NULL,
                leased BIGINT NOT NULL,
                done BIGINT NOT NULL,
                failed BIGINT NOT NULL,
                cancelled BIGINT NOT NULL,
                retries BIGINT NOT NULL,
                duplicates BIGINT NOT NULL,
                started_ms BIGINT,
                finished_ms BIGINT,
                failure_code TEXT,
                failure_message TEXT,
                failure_subtask BIGINT,
                failure_worker TEXT,
                failure_attempts BIGINT,
                failed_ranges BLOB NOT NULL,
                object BLOB,
                result BLOB)
            """,
                    """
            CREATE UNIQUE INDEX task_of_submit_key ON task(submitter, submit_key)
                WHERE submit_key IS NOT NULL
            """,
                    "CREATE INDEX task_unfinished ON task(key) WHERE finished_ms IS NULL",
                    "CREATE INDEX task_by_end ON task(finished_ms) WHERE finished_ms IS NOT NULL",
                    "CREATE INDEX task_by_submission ON task(submitted_ms, id) WHERE finished_ms IS NOT NULL",
                    // Apart from the task, as its row holds what was submitted, which may be long and would be written
                    // each
                    // time.
                    """
            CREATE TABLE progress(
                task BIGINT PRIMARY KEY,
                started_ms BIGINT,
                retries BIGINT NOT NULL,
                duplicates BIGINT NOT NULL,
                index_limit BIGINT NOT NULL,
                last_failure TEXT NOT NULL)
            """,
                    """
            CREATE TABLE chunk(
                task BIGINT NOT NULL,
                number BIGINT NOT NULL,
                seq BIGINT NOT NULL,
                closed BLOB NOT NULL,
                failed BLOB NOT NULL,
                folded_to BIGINT NOT NULL,
                attempts BLOB NOT NULL,
                accumulator BLOB,
                PRIMARY KEY (task, number))
            """,
                    """
            CREATE TABLE part(
                task BIGINT NOT NULL,
                chunk BIGINT NOT NULL,
                from_index BIGINT NOT NULL,
                to_index BIGINT NOT NULL,
                combined BIGINT NOT NULL,
                results BLOB NOT NULL,
                PRIMARY KEY (task, chunk, from_index))
            """),
            // A result of more than one piece is kept apart from its task, so that it can be read bit by bit. Its
            // length is
            // in the row of the task then, which has no result.
            List.of("""
                    CREATE TABLE result_piece(
                        task BIGINT NOT NULL,
                        number BIGINT NOT NULL,
                        bytes BLOB NOT NULL,
                        PRIMARY KEY (task, number))
                    """, "ALTER TABLE task ADD COLUMN result_bytes BIGINT"),
            // A task with a fingerprint and without a key is one whose sender chose its id, in dialect 1. It gets an id
            // of ours, a UUID of version 7 with the time of its submission, and is found by what its sender calls it.
            List.of("""
                    UPDATE task SET submitter = 'plain', submit_key = id, id = printf('%08x-%04x-7%03x-%04x-%012x',
                            (submitted_ms >> 16) & 0xffffffff, submitted_ms & 0xffff, random() & 0xfff,
                            0x8000 | (random() & 0x3fff), random() & 0xffffffffffff)
                        WHERE submit_key IS NULL AND fingerprint <> ''
                    """),
            // Null for a task that nobody ever paused or let go on. Of no meaning once it ended.
            List.of("ALTER TABLE task ADD COLUMN paused BIGINT"),
            // Null where no subtask failed. The failures of single subtasks may be long, so they are the last.
            List.of("ALTER TABLE task ADD COLUMN failure_kinds BLOB", "ALTER TABLE task ADD COLUMN failures BLOB"),
            // All that was submitted of finished tasks that can be run again; their chunks are kept as well. Apart from
            // the task, so that lists do not read past it.
            List.of("CREATE TABLE rerun(task BIGINT PRIMARY KEY, object BLOB NOT NULL)"));

    private Schema() {}

    /** Brings the file to the newest version, all in one transaction. */
    static void migrate(Connection connection, Path file, List<List<String>> migrations)
            throws SQLException, StoreOpenException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            int version = version(statement, file);
            if (version > migrations.size()) {
                throw new StoreOpenException(
                        StoreOpenException.Reason.NEWER_SCHEMA,
                        file + " has schema version " + version + ", this Divvy knows versions up to "
                                + migrations.size() + ": a newer Divvy wrote it; use that one, or another data folder",
                        null);
            }
            if (version < migrations.size()) {
                for (List<String> migration : migrations.subList(version, migrations.size())) {
                    for (String sql : migration) {
                        statement.executeUpdate(sql);
                    }
                }
                statement.executeUpdate("UPDATE schema_version SET version = " + migrations.size());
            }
            connection.setAutoCommit(true); // Which commits.
        } catch (SQLException | StoreOpenException e) {
            connection.rollback();
            throw e;
        }
    }

    private static int version(Statement statement, Path file) throws SQLException, StoreOpenException {
        boolean isEmpty;
        boolean isOurs;
        try (ResultSet tables = statement.executeQuery(
                "SELECT COUNT(*), COALESCE(SUM(name = 'schema_version'), 0) FROM sqlite_master WHERE type = 'table'")) {
            isEmpty = tables.getInt(1) == 0;
            isOurs = tables.getInt(2) == 1;
        }
        if (isEmpty) {
            return 0;
        }
        if (!isOurs) {
            throw new StoreOpenException(
                    StoreOpenException.Reason.DAMAGED,
                    file + " is a database, but none of Divvy: it has no table schema_version; move it away, or use"
                            + " another data folder",
                    null);
        }
        try (ResultSet version = statement.executeQuery("SELECT version FROM schema_version")) {
            return version.getInt(1);
        }
    }
}
