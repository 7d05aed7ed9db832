package io.divvy.store.sqlite;

import io.divvy.state.TaskId;
import io.divvy.store.ListQuery;
import io.divvy.store.ReadFailure;
import io.divvy.store.Rerun;
import io.divvy.store.StoredResult;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskStore;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All that reads while the server runs. What is quick and what is long have threads and connections of their own, so that
 * nobody who submits under a key waits behind a list or a large result.
 */
final class Readers {
    private final Executor loop;
    private final ReadRoom room;
    private final Reader single;
    /** Of those who submit: they wait for none of those who only ask. */
    private final Reader keys;

    private final Reader lists;
    private final Reader results;
    private final List<Thread> threads;
    private final Lookups lookups;

    Readers(Connections connections, ChangeLog changes, Health health, Executor loop, Tuning tuning) {
        Reader.Source source = new Reader.Source(connections, changes, new DamageLog(), tuning.firstRetryMs());
        this.loop = loop;
        this.room = new ReadRoom(tuning.readRoomBytes());
        this.single = new Reader(source, health, Health.Part.LOOKUPS);
        this.keys = new Reader(source, health, Health.Part.KEY_LOOKUPS);
        this.lists = new Reader(source, health, Health.Part.LISTS);
        this.results = new Reader(source, health, Health.Part.RESULTS);
        this.threads = List.of(
                SqliteStore.daemon(single, "divvy-store-lookups"),
                SqliteStore.daemon(keys, "divvy-store-keys"),
                SqliteStore.daemon(lists, "divvy-store-lists"),
                SqliteStore.daemon(results, "divvy-store-results"));
        this.lookups = new Lookups(single::add, keys::add, loop::execute);
    }

    void start() {
        threads.forEach(Thread::start);
    }

    List<Thread> threads() {
        return threads;
    }

    void close() {
        room.close();
        single.close();
        keys.close();
        lists.close();
        results.close();
    }

    /** Whether one of them ended though it was not closed. */
    boolean isBroken() {
        return single.isBroken() || keys.isBroken() || lists.isBroken() || results.isBroken();
    }

    Lookups lookups() {
        return lookups;
    }

    /** Of a task that was found, its result too, if that is not longer. */
    void withResult(
            ReadStatements.Found task,
            long longestBytes,
            Consumer<Optional<StoredTask>> found,
            Consumer<ReadFailure> failed) {
        if (task.task().result() != null || !task.hasResultUpTo(longestBytes)) {
            found.accept(Optional.of(task.task().withResultUpTo(longestBytes)));
            return;
        }
        results.add(new RoomyRead<Optional<StoredTask>>("task " + id(task), found, failed) {
            @Override
            Optional<StoredTask> read(ReadStatements statements) throws SQLException {
                enter(task.resultBytes());
                return Optional.ofNullable(readWithResult(statements, task));
            }
        });
    }

    TaskStore.OpenedResult open(ReadStatements.Found task) {
        byte[] inMemory = task.task().result();
        StoredResult result = null;
        if (inMemory != null) {
            result = StoredResult.of(inMemory);
        } else if (task.resultBytes() >= 0) {
            result = new FileResult(results, id(task), task.key(), task.resultBytes());
        }
        return new TaskStore.OpenedResult(task.task().task(), result);
    }

    void rerun(TaskId id, Consumer<Optional<Rerun>> found, Consumer<ReadFailure> failed) {
        results.add(new RoomyRead<Optional<Rerun>>("what is needed to run task " + id + " again", found, failed) {
            @Override
            Optional<Rerun> read(ReadStatements statements) throws SQLException {
                return statements.rerun(id, this::enter);
            }
        });
    }

    void failures(TaskId id, Consumer<Optional<TaskStore.Failures>> found, Consumer<ReadFailure> failed) {
        results.add(new RoomyRead<Optional<TaskStore.Failures>>("the failures of task " + id, found, failed) {
            @Override
            Optional<TaskStore.Failures> read(ReadStatements statements) throws SQLException {
                return statements.failures(id);
            }
        });
    }

    void list(ListQuery query, Consumer<TaskStore.Page> listed, Consumer<ReadFailure> failed) {
        lists.add(new RoomyRead<TaskStore.Page>("a list of tasks", listed, failed) {
            @Override
            TaskStore.Page read(ReadStatements statements) throws SQLException {
                ListStatements.Part part = statements.list().page(query);
                long longest = query.longestResultBytes();
                enter(part.tasks().stream()
                        .filter(task -> task.hasResultUpTo(longest))
                        .mapToLong(ReadStatements.Found::resultBytes)
                        .sum());
                List<StoredTask> tasks = new ArrayList<>(part.tasks().size());
                for (ReadStatements.Found task : part.tasks()) {
                    StoredTask shown = task.hasResultUpTo(longest) ? readWithResult(statements, task) : task.task();
                    if (shown != null) {
                        tasks.add(shown);
                    }
                }
                return new TaskStore.Page(tasks, part.next());
            }
        });
    }

    private static TaskId id(ReadStatements.Found task) {
        return task.task().task().spec().id();
    }

    /** Null if the task is gone. */
    private static @Nullable StoredTask readWithResult(ReadStatements statements, ReadStatements.Found task)
            throws SQLException {
        byte[] result = statements.result(task.key(), task.resultBytes());
        return result == null ? null : task.with(result).task();
    }

    /** A read that takes room until the loop has taken what it read. */
    private abstract class RoomyRead<T> implements Reader.Read {
        private final String what;
        private final Consumer<T> done;
        private final Consumer<ReadFailure> failed;
        private long entered;

        RoomyRead(String what, Consumer<T> done, Consumer<ReadFailure> failed) {
            this.what = what;
            this.done = done;
            this.failed = failed;
        }

        abstract T read(ReadStatements statements) throws SQLException;

        /** Waits for room for all that is read. */
        void enter(long bytes) {
            room.enter(bytes);
            entered = bytes;
        }

        private void leave() {
            room.leave(entered);
            entered = 0;
        }

        @Override
        public String what() {
            return what;
        }

        @Override
        public void from(ReadStatements statements) throws SQLException {
            T read;
            try {
                read = read(statements);
            } catch (SQLException | RuntimeException | Error e) {
                leave(); // It may be tried again.
                throw e;
            }
            loop.execute(() -> {
                try {
                    done.accept(read);
                } finally {
                    leave();
                }
            });
        }

        @Override
        public void failed(ReadFailure failure) {
            leave();
            loop.execute(() -> failed.accept(failure));
        }
    }
}
