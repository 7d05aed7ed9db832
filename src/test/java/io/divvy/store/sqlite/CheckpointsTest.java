package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.queued;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.store.Retention;
import io.divvy.store.StoreUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The log of changes is put into the file beside the writer. */
@Timeout(60)
class CheckpointsTest {
    /** Twice of what SQLite puts into the file within the commit that brings the log there. */
    private static final int LARGE_BYTES = 8 << 20;

    @TempDir
    private Path folder;

    private long fileBytes() throws IOException {
        return Files.size(folder.resolve("divvy.db"));
    }

    @Test
    void aLargeCommitDoesNotWaitForACheckpoint() throws Exception {
        HeldReads checkpoints = new HeldReads(30_000, "wal_checkpoint");
        try (StoreUser user = new StoreUser(SqliteStore.open(folder, Retention.DEFAULT, Tuning.DEFAULT, checkpoints))) {
            get(user.create(queued("large")));
            HeldReads.Held checkpoint = checkpoints.next();
            get(user.finish(completed("large", null), "\"" + "x".repeat(LARGE_BYTES) + "\""));
            assertTrue(fileBytes() < LARGE_BYTES, "the commit put it into the file");

            checkpoint.release();
            checkpoints.next().release();
            await().until(() -> fileBytes() > LARGE_BYTES);
        }
    }
}
