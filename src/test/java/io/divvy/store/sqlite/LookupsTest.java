package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.queued;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.store.ReadFailure;
import io.divvy.store.Retention;
import io.divvy.store.StoreUser;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LookupsTest {
    private static final Consumer<ReadFailure> NEVER = failure -> {
        throw new AssertionError(failure.message());
    };

    @TempDir
    Path folder;

    /** What the reader was asked to do. */
    private final ArrayDeque<Reader.Read> reads = new ArrayDeque<>();

    /** The same of what is looked for by a key. */
    private final ArrayDeque<Reader.Read> readsByKey = new ArrayDeque<>();

    /** What waits for the loop. */
    private final ArrayDeque<Runnable> answers = new ArrayDeque<>();

    private final List<Boolean> found = new ArrayList<>();

    /** Else somebody who submits it again just then would be told that there is no such task, and it would run twice. */
    @Test
    void aTaskThatFinishesWhileItIsLookedForIsLookedForAgain() throws Exception {
        Lookups lookups = new Lookups(reads::add, readsByKey::add, answers::add);
        try (StoreUser user = new StoreUser(SqliteStore.open(folder, Retention.DEFAULT));
                ReadStatements statements =
                        new ReadStatements(Database.connect(folder.resolve("divvy.db")), new DamageLog())) {
            get(user.create(queued("a")));
            lookups.find(new TaskId("a"), task -> found.add(task.isPresent()), NEVER);
            reads.remove().from(statements);
            Runnable thereIsNone = answers.remove();

            get(user.finish(completed("a", null), "1"));
            lookups.finished(new TaskId("a"), null);
            thereIsNone.run();
            assertEquals(List.of(), found, "it is not told what was true before");

            reads.remove().from(statements);
            answers.remove().run();
            assertEquals(List.of(true), found);
        }
    }

    @Test
    void lookUpsByKeyDoNotWaitForThoseById() {
        Lookups lookups = new Lookups(reads::add, readsByKey::add, answers::add);
        for (int i = 0; i < 10; i++) {
            lookups.find(new TaskId("t" + i), task -> {}, NEVER);
        }
        lookups.findByKey(SubmitKey.key("k"), task -> {}, NEVER);
        assertEquals(10, reads.size());
        assertEquals(1, readsByKey.size());
    }

    @Test
    void aCallbackThatThrowsDoesNotKeepTheAnswerFromOthers() {
        Lookups lookups = new Lookups(reads::add, readsByKey::add, answers::add);
        List<String> failed = new ArrayList<>();
        for (String asker : List.of("a", "b", "c")) {
            lookups.find(new TaskId("t"), task -> {}, failure -> {
                failed.add(asker);
                throw new IllegalStateException(asker);
            });
        }
        reads.remove().failed(new ReadFailure(ReadFailure.Reason.BUSY, "not now"));
        Runnable answer = answers.remove();
        assertEquals("a", assertThrows(IllegalStateException.class, answer::run).getMessage());
        assertEquals(List.of("a", "b", "c"), failed);
    }

    @Test
    void lookUpsOfTheSameTaskShareOneRead() throws Exception {
        Lookups lookups = new Lookups(reads::add, readsByKey::add, answers::add);
        try (StoreUser user = new StoreUser(SqliteStore.open(folder, Retention.DEFAULT));
                ReadStatements statements =
                        new ReadStatements(Database.connect(folder.resolve("divvy.db")), new DamageLog())) {
            lookups.findByKey(SubmitKey.key("k"), task -> found.add(task.isPresent()), NEVER);
            lookups.findByKey(SubmitKey.key("k"), task -> found.add(task.isPresent()), NEVER);
            lookups.finished(new TaskId("other"), SubmitKey.plainId("k"));
            readsByKey.remove().from(statements);
            answers.remove().run();
            assertEquals(List.of(false, false), found);
            assertEquals(0, readsByKey.size());
            assertEquals(List.of(), user.heard);
        }
    }
}
