package io.divvy.server;

import io.divvy.protocol.RefusedException;
import io.divvy.protocol.TaskView;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.ListQuery;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskFilter;
import io.divvy.store.TaskNotes;
import io.divvy.store.TaskStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The unfinished tasks of the core and the finished ones of the store as one list, the newest first. On the loop's thread,
 * and bounded for each page: in tasks that are looked at, in tasks that are shown, in bytes of results.
 */
final class TaskList {
    /** Unfinished tasks that one page looks at, at most. */
    static final int OPEN_TASKS_PER_PAGE = 2_000;

    /** The same in one turn of the loop: a fraction of a millisecond. */
    private static final int OPEN_TASKS_PER_STEP = 500;

    private final SchedulerDriver driver;
    private final TaskStore store;
    private final TaskViews views;
    private final long pageResultBytes;
    private final Function<TaskId, TaskWork> works;

    /** A task of a list, seen in the core or in the store. */
    private record Entry(TaskPosition position, Supplier<TaskView> view, long resultBytes) {}

    /**
     * What one of the two has.
     *
     * @param next all that is before it or at it was looked at; null if all was
     */
    private record Part(List<Entry> entries, @Nullable TaskPosition next) {}

    TaskList(
            SchedulerDriver driver,
            TaskStore store,
            TaskViews views,
            long pageResultBytes,
            Function<TaskId, TaskWork> works) {
        this.driver = driver;
        this.store = store;
        this.views = views;
        this.pageResultBytes = pageResultBytes;
        this.works = works;
    }

    /**
     * A page, made in several steps, as many open tasks may have to be looked at.
     *
     * @param after begin behind this position, or null for the newest
     * @return runs the next step, and returns whether there is more to do
     */
    BooleanSupplier page(
            TaskFilter filter,
            @Nullable TaskPosition after,
            int atMost,
            Consumer<TaskPage> listed,
            Consumer<RefusedException> refused) {
        TaskSnapshot.State state = filter.state();
        // The core is asked first: a task that ends meanwhile is seen twice then, and not missed.
        if (state != null && !state.isTerminal()) {
            return new LookAtOpen(filter, after, atMost, open -> listed.accept(merged(open, none(), atMost)));
        }
        Consumer<Part> goOnInStore = open -> store.listFinished(
                new ListQuery(filter, after, atMost + 1, views.inlineResultBytes(), pageResultBytes),
                page -> listed.accept(merged(open, finished(page), atMost)),
                failure -> refused.accept(Refusals.of(failure)));
        if (state == null) {
            return new LookAtOpen(filter, after, atMost, goOnInStore);
        }
        return () -> {
            goOnInStore.accept(none());
            return false;
        };
    }

    private static Part none() {
        return new Part(List.of(), null);
    }

    /** A look at the open tasks, a few in each step. */
    private final class LookAtOpen implements BooleanSupplier {
        private final TaskFilter filter;
        private final int atMost;
        private final Consumer<Part> seen;
        private final List<Entry> entries = new ArrayList<>();
        private @Nullable TaskPosition reached;
        private int looked;
        private boolean isCutShort;

        LookAtOpen(TaskFilter filter, @Nullable TaskPosition after, int atMost, Consumer<Part> seen) {
            this.filter = filter;
            this.reached = after;
            this.atMost = atMost + 1; // One more than is shown tells whether there are more.
            this.seen = seen;
        }

        @Override
        public boolean getAsBoolean() {
            int until = looked + OPEN_TASKS_PER_STEP;
            boolean[] isMore = {false};
            driver.scheduler().visitOpen(reached, task -> {
                isCutShort = entries.size() == atMost || looked == OPEN_TASKS_PER_PAGE;
                isMore[0] = !isCutShort && looked == until;
                if (isCutShort || isMore[0]) {
                    return false;
                }
                look(task);
                return true;
            });
            if (!isMore[0]) {
                seen.accept(new Part(entries, isCutShort ? reached : null));
            }
            return isMore[0];
        }

        private void look(TaskSnapshot task) {
            looked++;
            TaskPosition position =
                    new TaskPosition(task.submittedMs(), task.spec().id());
            reached = position;
            TaskWork work = works.apply(task.spec().id());
            TaskNotes notes = work.notes();
            if (filter.matches(task, notes)) {
                entries.add(new Entry(position, () -> views.listed(task, notes, work.texts), 0));
            }
        }
    }

    private Part finished(TaskStore.Page page) {
        List<Entry> entries = new ArrayList<>();
        for (StoredTask stored : page.tasks()) {
            byte[] result = stored.result();
            entries.add(new Entry(stored.position(), () -> views.finished(stored), result == null ? 0 : result.length));
        }
        return new Part(entries, page.next());
    }

    private TaskPage merged(Part open, Part finished, int atMost) {
        TaskPosition horizon = nearer(open.next(), finished.next());
        List<Entry> entries = new ArrayList<>();
        // The finished one of the two is the newer truth of a task that is in both.
        entries.addAll(finished.entries());
        Set<TaskPosition> ended = new HashSet<>();
        finished.entries().forEach(entry -> ended.add(entry.position()));
        open.entries().stream()
                .filter(entry -> !ended.contains(entry.position()))
                .forEach(entries::add);
        entries.removeIf(entry -> horizon != null && entry.position().compareTo(horizon) > 0);
        entries.sort((one, other) -> one.position().compareTo(other.position()));
        int shown = fitting(entries, atMost);
        TaskPosition next = shown < entries.size() ? entries.get(shown - 1).position() : horizon;
        List<Entry> page = entries.subList(0, shown);
        return new TaskPage(
                page.stream().map(Entry::view).toList(),
                page.stream().mapToLong(Entry::resultBytes).sum(),
                next == null ? null : TaskCursor.of(next));
    }

    /** Behind the nearer one, nobody knows what the other part would have. */
    private static @Nullable TaskPosition nearer(@Nullable TaskPosition one, @Nullable TaskPosition other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) <= 0 ? one : other;
    }

    /** How many of them fit into a page; the first one always does. */
    private int fitting(List<Entry> entries, int atMost) {
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            bytes += entries.get(i).resultBytes();
            if (i == atMost || i > 0 && bytes > pageResultBytes) {
                return i;
            }
        }
        return entries.size();
    }
}
