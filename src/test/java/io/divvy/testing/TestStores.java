package io.divvy.testing;

import io.divvy.store.MemoryStore;
import io.divvy.store.Retention;
import io.divvy.store.TaskStore;
import io.divvy.store.sqlite.SqliteStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The store of a server under test: memory. With {@code -Ddivvy.test.store=late} memory that answers later, and with {@code
 * sqlite} a file, which does so on other threads. Then only those tests may fail that say at which moment something is durable
 * or swept.
 */
public final class TestStores {
    private static final boolean IS_LATE = "late".equals(System.getProperty("divvy.test.store"));
    private static final boolean ON_DISK = "sqlite".equals(System.getProperty("divvy.test.store"));

    private TestStores() {}

    public static TaskStore open(Retention retention) {
        if (!ON_DISK) {
            TaskStore memory = new MemoryStore(retention);
            return IS_LATE ? new LateStore(memory) : memory;
        }
        try {
            Path data = Files.createTempDirectory("divvy-test-store");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> TemporaryFolders.delete(data)));
            return SqliteStore.open(data, retention);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
