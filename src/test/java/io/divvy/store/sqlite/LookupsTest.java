package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.queued;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.TaskId;
import io.divvy.store.Retention;
import io.divvy.store.StoreUser;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LookupsTest {
    @TempDir
    Path folder;

    /** What the reader was asked to do. */
    private final ArrayDeque<Reader.Read> reads = new ArrayDeque<>();

    private final List<Boolean> found = new ArrayList<>();

    /** Else somebody who submits it again just then would be told that there is no such task, and it would run twice. */
    @Test
    void aTaskThatFinishesWhileItIsLookedForIsLookedForAgain() throws Exception {
        Lookups lookups = new Lookups(reads::add);
        try (StoreUser user = new StoreUser(SqliteStore.open(folder, Retention.DEFAULT));
                ReadStatements statements = new ReadStatements(Database.connect(folder.resolve("divvy.db")))) {
            get(user.create(queued("a")));
            lookups.find(new TaskId("a"), task -> found.add(task.isPresent()));
            Runnable thereIsNone = reads.remove().from(statements);

            get(user.finish(completed("a", null), "1"));
            lookups.finished(new TaskId("a"), null);
            thereIsNone.run();
            assertEquals(List.of(), found, "it is not told what was true before");

            reads.remove().from(statements).run();
            assertEquals(List.of(true), found);
        }
    }

    @Test
    void whoeverLooksForTheSameGetsTheSameAnswer() throws Exception {
        Lookups lookups = new Lookups(reads::add);
        try (StoreUser user = new StoreUser(SqliteStore.open(folder, Retention.DEFAULT));
                ReadStatements statements = new ReadStatements(Database.connect(folder.resolve("divvy.db")))) {
            lookups.findByKey("k", task -> found.add(task.isPresent()));
            lookups.findByKey("k", task -> found.add(task.isPresent()));
            lookups.finished(new TaskId("other"), "another key");
            reads.remove().from(statements).run();
            assertEquals(List.of(false, false), found);
            assertEquals(0, reads.size());
            assertEquals(List.of(), user.heard);
        }
    }
}
