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
 * The store of a server under test. It is memory that answers later ({@code late}), as no test may count on a commit within
 * the call: with {@code -Ddivvy.test.store=sqlite} it is a file, and with {@code memory} what {@code divvy server} takes
 * without a folder, which answers at once. When {@code late} answers comes from {@code -Ddivvy.test.store.seed}.
 */
public final class TestStores {
    private static final String STORE = System.getProperty("divvy.test.store", "late");

    private TestStores() {}

    public static TaskStore open(Retention retention) {
        return new ObservedStore(
                switch (STORE) {
                    case "late" -> new LateStore(new MemoryStore(retention));
                    case "memory" -> new MemoryStore(retention);
                    case "sqlite" -> onDisk(retention);
                    default ->
                        throw new IllegalArgumentException(
                                "divvy.test.store: expected late, memory or sqlite, got " + STORE);
                });
    }

    private static TaskStore onDisk(Retention retention) {
        try {
            Path data = Files.createTempDirectory("divvy-test-store");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> TemporaryFolders.delete(data)));
            return SqliteStore.open(data, retention);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
