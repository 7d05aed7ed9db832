package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.queued;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.store.Retention;
import io.divvy.store.StoreUser;
import io.divvy.store.StoredResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long the log of changes gets while somebody always reads. A read that begins when all of the log is in the file keeps
 * nobody from beginning it anew, so what happens depends on when reads begin: here each begins right behind a commit, while
 * the one before it keeps that commit from the file.
 */
@Timeout(60)
class ChangeLogLengthTest {
    private static final long MIB = 1L << 20;
    private static final int WRITTEN_MIB = 120;
    private static final int WRITTEN_AT_ONCE_MIB = 4;

    /** What the server promises; a log that is never begun anew has all that was written. */
    private static final int LONGEST_MIB = 64;

    @TempDir
    Path folder;

    @Test
    void theLogBeginsAnewThoughThereIsAlwaysAReadUnderWay() throws Exception {
        HeldReads reads = new HeldReads("FROM result_piece WHERE", "WHERE id = ? AND finished_ms");
        try (StoreUser user = new StoreUser(SqliteStore.open(folder, Retention.DEFAULT, Tuning.DEFAULT, reads))) {
            write(user, "read", 1);
            StoredResult result = opened(user, reads);

            CompletableFuture<?> read = result.read(0);
            HeldReads.Held held = reads.next();
            long longestBytes = 0;
            for (int i = 0; i < WRITTEN_MIB / WRITTEN_AT_ONCE_MIB; i++) {
                write(user, "task" + i, WRITTEN_AT_ONCE_MIB);
                longestBytes = Math.max(longestBytes, Files.size(folder.resolve("divvy.db-wal")));
                // The threads for results and for single tasks take turns, and one of the two always reads.
                CompletableFuture<?> nextRead = i % 2 == 0 ? user.look("read", 0) : result.read(0);
                HeldReads.Held next = reads.next();
                held.release();
                get(read);
                read = nextRead;
                held = next;
            }
            held.release();
            get(read);
            assertTrue(longestBytes < LONGEST_MIB * MIB, "the log had " + longestBytes / MIB + " MiB");
            assertEquals(List.of(), user.heard);
        }
    }

    private static StoredResult opened(StoreUser user, HeldReads reads) throws InterruptedException {
        CompletableFuture<StoredResult> opened = CompletableFuture.supplyAsync(() -> user.openResult("read"));
        reads.next().release();
        return get(opened);
    }

    private static void write(StoreUser user, String task, int resultMib) {
        get(user.create(queued(task)));
        get(user.finish(completed(task, null), "\"" + "x".repeat((int) (resultMib * MIB)) + "\""));
    }
}
