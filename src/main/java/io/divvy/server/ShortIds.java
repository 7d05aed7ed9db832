package io.divvy.server;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPosition;
import io.divvy.store.ListQuery;
import io.divvy.store.ReadFailure;
import io.divvy.store.TaskFilter;
import io.divvy.store.TaskStore;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the task of which somebody gives only the end of its id. All open tasks are looked at, some in each turn of the loop,
 * and for one who asks at a time, so that nobody else waits for more than one such look; then the store is asked. On the
 * loop's thread.
 */
final class ShortIds {
    /** So many are named where several tasks are meant. */
    private static final int MOST_NAMED = 5;

    /** Who wait for their turn; who asks beyond that is told to try again. */
    static final int MOST_WAITING = 1_000;

    /** Open tasks that are looked at in one turn of the loop: a fraction of a millisecond. */
    private static final int OPEN_TASKS_PER_TURN = 500;

    private static final long BUSY_RETRY_MS = 1_000;

    private final SchedulerDriver driver;
    private final TaskStore store;
    private final Consumer<Runnable> nextTurn;
    /** The first one is under way. */
    private final Queue<Search> searches = new ArrayDeque<>();

    /** @param nextTurn runs something on the loop in a turn of its own */
    ShortIds(SchedulerDriver driver, TaskStore store, Consumer<Runnable> nextTurn) {
        this.driver = driver;
        this.store = store;
        this.nextTurn = nextTurn;
    }

    /** @param refused hears if there are several, and which */
    void find(String idEnd, Consumer<Optional<TaskId>> found, Consumer<RefusedException> refused) {
        if (searches.size() == MOST_WAITING) {
            refused.accept(new RefusedException(
                    ErrorCode.BUSY,
                    "too many look for tasks by the ends of their ids; give the whole id, or try again",
                    BUSY_RETRY_MS));
            return;
        }
        searches.add(new Search(idEnd, found, refused));
        if (searches.size() == 1) {
            nextTurn.accept(this::lookAtOpen);
        }
    }

    /** The core is asked first: a task that ends meanwhile is seen twice then, and not missed. */
    private void lookAtOpen() {
        Search search = searches.element();
        int[] looked = {0};
        driver.scheduler().visitOpen(search.reached, task -> {
            if (looked[0] == OPEN_TASKS_PER_TURN) {
                return false;
            }
            looked[0]++;
            TaskId id = task.spec().id();
            search.reached = new TaskPosition(task.submittedMs(), id);
            if (id.value().endsWith(search.idEnd)) {
                search.tasks.add(id);
            }
            return true;
        });
        if (looked[0] == OPEN_TASKS_PER_TURN) {
            nextTurn.accept(this::lookAtOpen);
        } else {
            lookInStore(search, null);
        }
    }

    private void lookInStore(Search search, @Nullable TaskPosition after) {
        store.listFinished(
                new ListQuery(TaskFilter.ofIdEnd(search.idEnd), after, MOST_NAMED + 1, 0, 1),
                page -> looked(search, page),
                failure -> end(() -> search.fail(failure)));
    }

    private void looked(Search search, TaskStore.Page page) {
        page.tasks().forEach(task -> search.tasks.add(task.task().spec().id()));
        TaskPosition next = page.next();
        if (next == null || search.tasks.size() > MOST_NAMED) {
            end(search::answer);
        } else {
            // A store in memory answers before the call returns.
            nextTurn.accept(() -> lookInStore(search, next));
        }
    }

    /** Lets the next one begin before who asked hears, as what is done about an answer may fail. */
    private void end(Runnable answer) {
        searches.remove();
        if (!searches.isEmpty()) {
            nextTurn.accept(this::lookAtOpen);
        }
        answer.run();
    }

    private static final class Search {
        private final String idEnd;
        private final Consumer<Optional<TaskId>> found;
        private final Consumer<RefusedException> refused;
        private final Set<TaskId> tasks = new LinkedHashSet<>();
        /** The last open task that was looked at. */
        private @Nullable TaskPosition reached;

        Search(String idEnd, Consumer<Optional<TaskId>> found, Consumer<RefusedException> refused) {
            this.idEnd = idEnd;
            this.found = found;
            this.refused = refused;
        }

        void answer() {
            if (tasks.size() > 1) {
                refused.accept(ambiguous());
            } else {
                found.accept(tasks.stream().findFirst());
            }
        }

        void fail(ReadFailure failure) {
            refused.accept(Refusals.of(failure));
        }

        private RefusedException ambiguous() {
            String named = tasks.stream().limit(MOST_NAMED).map(TaskId::value).collect(Collectors.joining(", "));
            return new RefusedException(
                    ErrorCode.NOT_FOUND,
                    "the ids of several tasks end in " + idEnd + ": " + named + (tasks.size() > MOST_NAMED ? ", …" : "")
                            + "; give more of the one that you mean",
                    null);
        }
    }
}
