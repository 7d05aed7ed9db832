package io.divvy.store.sqlite;

import io.divvy.state.TaskId;
import io.divvy.state.TaskProgress;
import io.divvy.store.StoredTask;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one transaction writes. If it fails, the very same is tried again, without its new tasks: what an attempt left whose
 * outcome nobody knows is either all of it or nothing.
 */
final class Batch {
    private final List<Entry> entries = new ArrayList<>();
    private final Map<TaskId, TaskWrites> tasks = new LinkedHashMap<>();
    private final Set<TaskId> advanced;

    /** @param advanced unfinished tasks that may have rows of progress, which this keeps up to date */
    Batch(Set<TaskId> advanced) {
        this.advanced = advanced;
    }

    /** @param task all that is written of its task */
    private record Entry(Write write, TaskWrites task) {}

    /** A task that was to be created. */
    record GivenUp(Write.Create create, long key) {}

    int size() {
        return entries.size();
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** False if it has to be in the next transaction: what comes after a task was deleted is another task. */
    boolean accepts(Write write) {
        TaskWrites task = tasks.get(write.id());
        return task == null || !task.isDeleted();
    }

    /** @param freshKey for a task that is created */
    void add(Write write, long freshKey) throws LostException {
        TaskWrites task = tasks.computeIfAbsent(write.id(), id -> new TaskWrites(id.value()));
        entries.add(new Entry(write, task));
        if (write instanceof Write.Create create) {
            task.create(create.task(), freshKey);
            if (!create.task().done().isEmpty()) {
                task.advance(
                        new TaskProgress(
                                null, 0, 0, create.task().task().ledger().total(), ""),
                        create.task().done());
                advanced.add(create.id());
            }
        } else if (write instanceof Write.Patch patch) {
            task.patch(patch.patch());
        } else if (write instanceof Write.Advance advance) {
            task.advance(advance.progress(), advance.chunks());
            advanced.add(advance.id());
        } else if (write instanceof Write.Finish finish) {
            task.finish(finish.task(), advanced.remove(finish.id()));
        } else if (write instanceof Write.Delete) {
            task.delete();
        }
    }

    void writeTo(WriteStatements to, Retained.Change retained) throws SQLException, LostException {
        for (TaskWrites task : tasks.values()) {
            task.writeTo(to, retained);
        }
    }

    /** The tasks that end in it. */
    List<StoredTask> finished() {
        return entries.stream()
                .filter(entry -> entry.write() instanceof Write.Finish)
                .map(entry -> ((Write.Finish) entry.write()).task())
                .toList();
    }

    /** Takes out the new tasks, with all that came of them. */
    List<GivenUp> giveUpNewTasks() {
        List<GivenUp> givenUp = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.write() instanceof Write.Create create) {
                givenUp.add(new GivenUp(create, entry.task().key()));
                advanced.remove(create.id());
            }
        }
        entries.removeIf(entry -> entry.task().isCreated());
        tasks.values().removeIf(TaskWrites::isCreated);
        return givenUp;
    }

    /** Tells all who asked, in the order in which they asked. On the loop. */
    void tell() {
        for (Entry entry : entries) {
            Write write = entry.write();
            TaskWrites task = entry.task();
            String refusedWhy = task.refusedWhy();
            if (write instanceof Write.Create create) {
                if (refusedWhy == null) {
                    create.committed().run();
                } else {
                    create.failed().accept(refusedWhy);
                }
            } else if (write instanceof Write.Delete delete) {
                delete.deleted().accept(task.wasThere());
            } else if (refusedWhy == null && write instanceof Write.Patch patch) {
                patch.committed().run();
            } else if (refusedWhy == null && write instanceof Write.Advance advance) {
                advance.committed().run();
            } else if (refusedWhy == null && write instanceof Write.Finish finish) {
                finish.committed().run();
            }
        }
    }
}
