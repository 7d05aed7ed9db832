package io.divvy.store.sqlite;

import io.divvy.store.Retention;
import io.divvy.store.TaskStore;
import io.divvy.store.TaskStoreContractTest;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends TaskStoreContractTest {
    @TempDir
    Path folder;

    @Override
    protected TaskStore open(Retention retention) throws IOException {
        return SqliteStore.open(folder, retention);
    }
}
