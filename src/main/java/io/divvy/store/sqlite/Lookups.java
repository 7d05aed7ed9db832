package io.divvy.store.sqlite;

import io.divvy.scheduler.TaskId;
import io.divvy.store.StoredTask;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks for single tasks. On the loop.
 *
 * <p>While one is looked for, it may finish, and leave the core before the answer comes: then the answer "there is none" was
 * true when it was read, and is not any more. Such a task is looked for again.
 */
final class Lookups {
    private final Consumer<Reader.Read> reader;
    /** By the id or the key that is looked for. */
    private final Map<Object, Lookup> open = new HashMap<>();

    private interface Query {
        Optional<StoredTask> from(ReadStatements statements) throws SQLException;
    }

    private static final class Lookup {
        private final Query query;
        private final List<Consumer<Optional<StoredTask>>> askers = new ArrayList<>();
        private boolean isStale;

        private Lookup(Query query) {
            this.query = query;
        }
    }

    Lookups(Consumer<Reader.Read> reader) {
        this.reader = reader;
    }

    void find(TaskId id, Consumer<Optional<StoredTask>> found) {
        look(id, statements -> statements.find(id), found);
    }

    void findByKey(String submitKey, Consumer<Optional<StoredTask>> found) {
        look(submitKey, statements -> statements.findByKey(submitKey), found);
    }

    /** The end of this task is about to be told. */
    void finished(TaskId id, @Nullable String submitKey) {
        if (!open.isEmpty()) {
            makeStale(id);
            if (submitKey != null) {
                makeStale(submitKey);
            }
        }
    }

    private void makeStale(Object what) {
        Lookup lookup = open.get(what);
        if (lookup != null) {
            lookup.isStale = true;
        }
    }

    private void look(Object what, Query query, Consumer<Optional<StoredTask>> found) {
        Lookup lookup = open.get(what);
        if (lookup == null) {
            lookup = new Lookup(query);
            open.put(what, lookup);
            read(what, lookup);
        }
        lookup.askers.add(found);
    }

    private void read(Object what, Lookup lookup) {
        reader.accept(statements -> {
            Optional<StoredTask> found = lookup.query.from(statements);
            return () -> answer(what, lookup, found);
        });
    }

    private void answer(Object what, Lookup lookup, Optional<StoredTask> found) {
        if (found.isEmpty() && lookup.isStale) {
            lookup.isStale = false;
            read(what, lookup);
            return;
        }
        open.remove(what);
        lookup.askers.forEach(asker -> asker.accept(found));
    }
}
