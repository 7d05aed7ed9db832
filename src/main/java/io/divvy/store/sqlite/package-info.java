/**
 * The store in one SQLite file.
 *
 * <pre>
 *   loop ── SqliteStore ──► Writer ── Batch ── WriteStatements ──► divvy.db     one transaction for all that gathered
 *     ▲          └────────► Reader ────────── ReadStatements  ──►   (WAL)       never waits for the writer
 *     └── one task for each transaction, one for each read
 * </pre>
 */
@NullMarked
package io.divvy.store.sqlite;

import org.jspecify.annotations.NullMarked;
