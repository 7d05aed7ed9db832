package io.divvy.store.sqlite;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.store.ReadFailure;
import io.divvy.store.Retention;
import io.divvy.store.TaskStore;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of reads that fail, and of those behind them. */
class ReaderTest {
    @TempDir
    Path folder;

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final Health health = new Health(Runnable::run, new TaskStore.Listener() {
        @Override
        public void failing(String why) {
            heard.add("failing: " + why);
        }

        @Override
        public void recovered() {
            heard.add("recovered");
        }

        @Override
        public void lost(String why) {
            heard.add("lost: " + why);
        }
    });

    private volatile boolean isFileThere = true;
    private Reader reader;
    private Thread thread;

    @BeforeEach
    void start() throws Exception {
        SqliteStore.open(folder, Retention.DEFAULT).close();
        Connections connections = () -> {
            if (!isFileThere) {
                throw new SQLException("disk I/O error");
            }
            return Database.connect(folder.resolve("divvy.db"));
        };
        Reader.Source source = new Reader.Source(
                connections, new ChangeLog(folder.resolve("divvy.db"), Long.MAX_VALUE), new DamageLog(), 1);
        reader = new Reader(source, health, Health.Part.LISTS);
        thread = new Thread(reader);
        thread.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        reader.close();
        thread.join(10_000);
        assertFalse(thread.isAlive());
    }

    /** A read that fails for as long as there is a reason. */
    private final class Attempt implements Reader.Read {
        private final Supplier<Throwable> why;
        final AtomicInteger attempts = new AtomicInteger();
        final List<ReadFailure> failures = new CopyOnWriteArrayList<>();
        volatile boolean isDone;

        Attempt(Supplier<Throwable> why) {
            this.why = why;
        }

        @Override
        public String what() {
            return "task a";
        }

        @Override
        public void from(ReadStatements statements) throws SQLException {
            attempts.incrementAndGet();
            Throwable failure = why.get();
            if (failure instanceof SQLException e) {
                throw e;
            }
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
            isDone = true;
        }

        @Override
        public void failed(ReadFailure failure) {
            failures.add(failure);
        }
    }

    private Attempt read(Supplier<Throwable> why) {
        Attempt attempt = new Attempt(why);
        reader.add(attempt);
        return attempt;
    }

    private ReadFailure failureOf(Attempt attempt) {
        await().until(() -> !attempt.failures.isEmpty());
        Attempt next = read(() -> null);
        await().until(() -> next.isDone);
        assertEquals(1, attempt.failures.size());
        assertEquals(List.of(), heard, "all else can be read");
        assertFalse(reader.isBroken());
        return attempt.failures.get(0);
    }

    @Test
    void aReadThatFailsWhileTheFileIsReadableFailsAlone() {
        Attempt damaged = read(() -> new SQLException("database disk image is malformed"));
        ReadFailure failure = failureOf(damaged);
        assertEquals(2, damaged.attempts.get(), "it may have been the connection");
        assertEquals(ReadFailure.Reason.UNREADABLE, failure.reason());
        assertTrue(failure.message().contains("task a"), failure.message());
        assertTrue(failure.message().contains("malformed"), failure.message());
    }

    @Test
    void aRowThatMakesNoSenseFailsAlone() {
        ReadFailure failure = failureOf(read(() -> new IllegalArgumentException("no such state")));
        assertEquals(ReadFailure.Reason.UNREADABLE, failure.reason());
        assertTrue(failure.message().contains("no such state"), failure.message());
    }

    @Test
    void aReadThatFindsNoMemoryFailsAlone() {
        ReadFailure failure = failureOf(read(() -> new OutOfMemoryError("Java heap space")));
        assertEquals(ReadFailure.Reason.BUSY, failure.reason());
    }

    @Test
    void whileNothingCanBeReadReadsAreTriedAgainAndTheStoreSaysSo() {
        isFileThere = false;
        Supplier<Throwable> whileItIsGone = () -> isFileThere ? null : new SQLException("disk I/O error");
        Attempt first = read(whileItIsGone);
        Attempt second = read(whileItIsGone);
        await().until(() -> heard.size() == 1);
        assertTrue(heard.get(0).startsWith("failing: the data file cannot be read"), heard::toString);
        isFileThere = true;
        await().until(() -> first.isDone && second.isDone && heard.contains("recovered"));
        assertEquals(List.of(), first.failures, "it was none of theirs");
        assertEquals(List.of(), second.failures);
    }

    @Test
    void anotherErrorEndsTheReaderForGood() {
        read(() -> new LinkageError("a class is broken"));
        await().until(() -> reader.isBroken());
        await().until(() -> heard.size() == 1);
        assertTrue(heard.get(0).startsWith("lost: the reader failed"), heard::toString);
    }
}
