package io.divvy.store.sqlite;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.store.ReadFailure;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks for single tasks, without their results. On the loop.
 *
 * <p>While one is looked for, it may finish, and leave the core before the answer comes: then the answer "there is none" was
 * true when it was read, and is not any more. Such a task is looked for again.
 */
final class Lookups {
    private final Consumer<Reader.Read> ids;
    private final Consumer<Reader.Read> keys;
    private final Consumer<Runnable> loop;
    /** By the {@link TaskId} or the {@link SubmitKey} that is looked for. */
    private final Map<Object, Lookup> open = new HashMap<>();

    private interface Query {
        Optional<ReadStatements.Found> from(ReadStatements statements) throws SQLException;
    }

    /** Somebody who asked. One of the two is called, once. */
    private record Asker(Consumer<Optional<ReadStatements.Found>> found, Consumer<ReadFailure> failed) {}

    private static final class Lookup {
        private final String what;
        private final Query query;
        private final Consumer<Reader.Read> reader;
        private final List<Asker> askers = new ArrayList<>();
        private boolean isStale;

        private Lookup(String what, Query query, Consumer<Reader.Read> reader) {
            this.what = what;
            this.query = query;
            this.reader = reader;
        }
    }

    /**
     * @param ids reads what is looked for by its id
     * @param keys reads what is looked for by its key
     * @param loop runs on the loop what it is given, from any thread
     */
    Lookups(Consumer<Reader.Read> ids, Consumer<Reader.Read> keys, Consumer<Runnable> loop) {
        this.ids = ids;
        this.keys = keys;
        this.loop = loop;
    }

    void find(TaskId id, Consumer<Optional<ReadStatements.Found>> found, Consumer<ReadFailure> failed) {
        look(id, new Lookup("task " + id, statements -> statements.find(id), ids), new Asker(found, failed));
    }

    void findByKey(SubmitKey key, Consumer<Optional<ReadStatements.Found>> found, Consumer<ReadFailure> failed) {
        look(
                key,
                new Lookup("the task of the " + key, statements -> statements.findByKey(key), keys),
                new Asker(found, failed));
    }

    /** The end of this task is about to be told. */
    void finished(TaskId id, @Nullable SubmitKey key) {
        if (!open.isEmpty()) {
            makeStale(id);
            if (key != null) {
                makeStale(key);
            }
        }
    }

    private void makeStale(Object name) {
        Lookup lookup = open.get(name);
        if (lookup != null) {
            lookup.isStale = true;
        }
    }

    private void look(Object name, Lookup fresh, Asker asker) {
        Lookup lookup = open.putIfAbsent(name, fresh);
        if (lookup == null) {
            fresh.askers.add(asker);
            read(name, fresh);
        } else {
            lookup.askers.add(asker);
        }
    }

    private void read(Object name, Lookup lookup) {
        lookup.reader.accept(new Reader.Read() {
            @Override
            public String what() {
                return lookup.what;
            }

            @Override
            public void from(ReadStatements statements) throws SQLException {
                Optional<ReadStatements.Found> found = lookup.query.from(statements);
                loop.accept(() -> answer(name, lookup, found));
            }

            @Override
            public void failed(ReadFailure failure) {
                loop.accept(() -> {
                    open.remove(name);
                    tell(lookup.askers, asker -> asker.failed().accept(failure));
                });
            }
        });
    }

    private void answer(Object name, Lookup lookup, Optional<ReadStatements.Found> found) {
        if (found.isEmpty() && lookup.isStale) {
            lookup.isStale = false;
            read(name, lookup);
            return;
        }
        open.remove(name);
        tell(lookup.askers, asker -> asker.found().accept(found));
    }

    /** That one fails at its answer must not keep it from the others: the first failure goes on once all were told. */
    private static void tell(List<Asker> askers, Consumer<Asker> answer) {
        Throwable first = null;
        for (Asker asker : askers) {
            try {
                answer.accept(asker);
            } catch (RuntimeException | Error e) {
                first = first == null ? e : first;
            }
        }
        if (first instanceof RuntimeException failure) {
            throw failure;
        }
        if (first instanceof Error failure) {
            throw failure;
        }
    }
}
