package io.divvy.server;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPosition;
import io.divvy.store.ListQuery;
import io.divvy.store.TaskFilter;
import io.divvy.store.TaskStore;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the task of which somebody gives only the end of its id. There is no index of these, which each task would pay for:
 * all tasks are looked at, some in each turn of the loop. On the loop's thread.
 */
final class ShortIds {
    /** So many are named where several tasks are meant. */
    private static final int MOST_NAMED = 5;

    /** Open tasks that are looked at in one turn of the loop: a fraction of a millisecond. */
    private static final int OPEN_TASKS_PER_STEP = 500;

    private final SchedulerDriver driver;
    private final TaskStore store;
    private final QuerySteps steps;

    ShortIds(SchedulerDriver driver, TaskStore store, QuerySteps steps) {
        this.driver = driver;
        this.store = store;
        this.steps = steps;
    }

    /** @param refused hears if there are several, and which */
    void find(String idEnd, Consumer<Optional<TaskId>> found, Consumer<RefusedException> refused) {
        CompletableFuture<Set<TaskId>> search = new CompletableFuture<>();
        steps.add(search, new Search(TaskFilter.ofIdEnd(idEnd), search));
        search.whenComplete((tasks, failure) -> {
            if (failure instanceof RefusedException why) {
                refused.accept(why);
            } else if (failure != null) {
                refused.accept(Refusals.internal(failure));
            } else if (tasks.size() > 1) {
                refused.accept(ambiguous(idEnd, tasks));
            } else {
                found.accept(tasks.stream().findFirst());
            }
        });
    }

    private static RefusedException ambiguous(String idEnd, Set<TaskId> tasks) {
        StringBuilder named = new StringBuilder();
        tasks.stream()
                .limit(MOST_NAMED)
                .forEach(task -> named.append(named.isEmpty() ? "" : ", ").append(task));
        return new RefusedException(
                ErrorCode.NOT_FOUND,
                "the ids of several tasks end in " + idEnd + ": " + named + (tasks.size() > MOST_NAMED ? ", …" : "")
                        + "; give more of the one that you mean",
                null);
    }

    /** The core is asked first: a task that ends meanwhile is seen twice then, and not missed. */
    private final class Search implements BooleanSupplier {
        private final TaskFilter filter;
        private final CompletableFuture<Set<TaskId>> answer;
        private final Set<TaskId> found = new LinkedHashSet<>();
        private @Nullable TaskPosition reached;

        Search(TaskFilter filter, CompletableFuture<Set<TaskId>> answer) {
            this.filter = filter;
            this.answer = answer;
        }

        @Override
        public boolean getAsBoolean() {
            int[] looked = {0};
            String idEnd = filter.idEnd();
            driver.scheduler().visitOpen(reached, task -> {
                if (looked[0] == OPEN_TASKS_PER_STEP) {
                    return false;
                }
                looked[0]++;
                TaskId id = task.spec().id();
                reached = new TaskPosition(task.submittedMs(), id);
                if (idEnd != null && id.value().endsWith(idEnd)) {
                    found.add(id);
                }
                return true;
            });
            if (looked[0] == OPEN_TASKS_PER_STEP) {
                return true;
            }
            lookInStore(null);
            return false;
        }

        private void lookInStore(@Nullable TaskPosition after) {
            store.listFinished(
                    new ListQuery(filter, after, MOST_NAMED + 1, 0, 1),
                    this::looked,
                    failure -> answer.completeExceptionally(Refusals.of(failure)));
        }

        private void looked(TaskStore.Page page) {
            page.tasks().forEach(task -> found.add(task.task().spec().id()));
            TaskPosition next = page.next();
            if (next == null || found.size() > MOST_NAMED) {
                answer.complete(found);
            } else {
                // In a turn of its own: a store in memory answers before the call returns.
                steps.add(answer, () -> {
                    lookInStore(next);
                    return false;
                });
            }
        }
    }
}
