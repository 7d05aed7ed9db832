package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.queued;

import io.divvy.store.Retention;
import io.divvy.store.StoreUser;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A folder for a store, what is put into it, and a look into its file beside the store. */
abstract class SqliteFolder {
    static final String FINISHED = "SELECT COUNT(*) FROM task WHERE finished_ms IS NOT NULL";

    @TempDir
    Path parent;

    Path folder;
    Path file;

    @BeforeEach
    void nameThem() {
        folder = parent.resolve("data");
        file = folder.resolve("divvy.db");
    }

    StoreUser user(Path of) throws IOException {
        return new StoreUser(SqliteStore.open(of, Retention.DEFAULT));
    }

    /** Some hundred kilobytes, closed in peace. */
    void fill() throws IOException {
        try (StoreUser user = user(folder)) {
            fill(user, 100);
        }
    }

    static void fill(StoreUser user, int tasks) {
        fill(user, "t", tasks);
    }

    static void fill(StoreUser user, String prefix, int tasks) {
        CompletableFuture<String> last = CompletableFuture.completedFuture("");
        for (int i = 0; i < tasks; i++) {
            user.create(queued(prefix + i));
            last = user.finish(completed(prefix + i, null), "x".repeat(5_000));
        }
        get(last);
    }

    static void sql(Path database, String... statements) throws SQLException {
        try (Connection connection = Database.connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.executeUpdate(sql);
            }
        }
    }

    static long number(Path database, String query) throws SQLException {
        try (Connection connection = Database.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.getLong(1);
        }
    }
}
