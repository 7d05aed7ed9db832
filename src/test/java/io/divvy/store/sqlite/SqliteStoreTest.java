package io.divvy.store.sqlite;

import io.divvy.store.DurableTaskStoreContractTest;
import io.divvy.store.Retention;
import io.divvy.store.TaskStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends DurableTaskStoreContractTest {
    @TempDir
    Path folder;

    @Override
    protected TaskStore open(Retention retention) throws IOException {
        return SqliteStore.open(folder, retention);
    }

    @Override
    protected TaskStore takeOver() throws IOException {
        // Its lock stays with the server that has it, but nobody else sees it any more.
        Files.deleteIfExists(folder.resolve("divvy.lock"));
        return open(Retention.DEFAULT);
    }
}
