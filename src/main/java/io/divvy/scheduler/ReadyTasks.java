package io.divvy.scheduler;

import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of which a lease can be cut now, in the order in which they are served: higher priority first, among equals
 * the one that got the least worker time, then the one that was submitted first. A task that waited for
 * {@link Limits#longestStarvationMs} goes before all others until it gets a lease.
 */
final class ReadyTasks {
    /** In one piece: it is asked often for each lease, and {@code Comparator.thenComparing} takes its time. */
    private static final Comparator<TaskState> SERVICE_ORDER = (one, other) -> {
        if (one.rank() != other.rank()) {
            return Integer.compare(other.rank(), one.rank());
        }
        int byService = Double.compare(one.place.serviceMs, other.place.serviceMs);
        return byService != 0 ? byService : Long.compare(one.sequence, other.sequence);
    };

    private final long longestStarvationMs;
    private final Journal journal;
    private final TreeSet<TaskState> all = new TreeSet<>(SERVICE_ORDER);
    /** For each type of which there are open tasks, in the order in which they are visited. */
    private final Map<String, Line> byType = new LinkedHashMap<>();
    /** Those that have not aged, the one first that waits the longest. */
    private final Set<TaskState> waiting = new LinkedHashSet<>();

    private final LastUsed<Integer, Double> servedMs = new LastUsed<>(Limits.REMEMBERED);
    private int lowestServed = Integer.MAX_VALUE;
    private boolean beginsWithFirst;

    /** The place of one task. */
    static final class Place {
        /** Worker time that it got, in milliseconds; among equals the one with the least is served first. */
        private double serviceMs;
        /** Whether it has a share of the service yet: set when it first becomes ready. */
        private boolean isServed;

        private boolean isReady;
        /** Since when there was always something of it to be leased; {@link Timers#NEVER} while there is nothing. */
        private long readySinceMs = Timers.NEVER;
        /** Since when it was not served while it was ready. */
        private long waitingSinceMs;
        /** Whether it waited for so long that it goes before all others, whatever its priority. */
        private boolean isAged;

        /** Whether a lease of it can be cut now. */
        boolean isReady() {
            return isReady;
        }

        long readySinceMs() {
            return readySinceMs;
        }

        boolean isAged() {
            return isAged;
        }

        /** Whether it can be served, and was not for so long. For tests. */
        boolean starvesSince(long ms) {
            return isReady && waitingSinceMs <= ms;
        }
    }

    /** The tasks of one type. */
    private static final class Line {
        final TreeSet<TaskState> ready = new TreeSet<>(SERVICE_ORDER);
        /**
         * By priority, what the task that was served last had got by then: a newcomer starts from here. From nothing it
         * would hold up all others until it caught up with them; from more it would wait until they caught up with it.
         */
        final LastUsed<Integer, Double> servedMs = new LastUsed<>(Limits.REMEMBERED);
        /** Those that are not ready now too. */
        int open;

        List<TaskState> first(int most) {
            return ready.isEmpty() ? List.of() : ready.stream().limit(most).toList();
        }
    }

    /** @param journal while it is full, nobody gets anything */
    ReadyTasks(Limits limits, Journal journal) {
        this.longestStarvationMs = limits.longestStarvationMs();
        this.journal = journal;
    }

    /** Gives the task a share of the service, if it has none. */
    void enter(TaskState task) {
        Line line = byType.computeIfAbsent(task.spec.type(), type -> new Line());
        if (!task.place.isServed) {
            task.place.isServed = true;
            line.open++;
            task.place.serviceMs = newcomersServiceMs(line, task.spec.priority());
        }
    }

    private double newcomersServiceMs(Line line, int priority) {
        Double ofType = line.servedMs.get(priority);
        Double ofAll = ofType == null ? servedMs.get(priority) : ofType;
        return ofAll == null ? 0 : ofAll;
    }

    /** The task, which is not in here, has another priority: among those that have the same it is a newcomer. */
    void reprioritized(TaskState task, long nowMs) {
        Place place = task.place;
        if (place.isServed) {
            place.serviceMs = newcomersServiceMs(line(task), task.spec.priority());
            lowestServed = Math.min(lowestServed, task.spec.priority());
        }
        if (place.readySinceMs != Timers.NEVER) {
            place.readySinceMs = nowMs; // What is in its way now was not in its way before.
        }
    }

    /** The task must not be in here. */
    void add(TaskState task, long nowMs) {
        enter(task);
        Place place = task.place;
        place.isReady = true;
        if (place.readySinceMs == Timers.NEVER) {
            place.readySinceMs = nowMs;
        }
        if (!place.isAged) {
            place.waitingSinceMs = nowMs;
            waiting.add(task);
        }
        all.add(task);
        line(task).ready.add(task);
    }

    void remove(TaskState task) {
        if (!task.place.isReady) {
            return;
        }
        task.place.isReady = false;
        waiting.remove(task);
        all.remove(task);
        line(task).ready.remove(task);
    }

    /** Nothing of the task can be leased now; while payloads of it are made, there may be more to be leased all the while. */
    void withdraw(TaskState task) {
        remove(task);
        if (!task.isPreparing()) {
            task.place.readySinceMs = Timers.NEVER;
        }
    }

    /** The task never comes back. */
    void end(TaskState task) {
        remove(task);
        if (task.place.isServed && --line(task).open == 0) {
            byType.remove(task.spec.type());
        }
    }

    /** Adds to what a task got. The task must not be in here: its place depends on it. */
    void charge(TaskState task, double serviceMs) {
        servedMs.put(task.spec.priority(), task.place.serviceMs);
        line(task).servedMs.put(task.spec.priority(), task.place.serviceMs);
        task.place.serviceMs += serviceMs;
        task.place.isAged = false;
        lowestServed = Math.min(lowestServed, task.spec.priority());
    }

    /**
     * From now on those go before all others that were not served for too long.
     *
     * @param aged hears of each of them
     */
    void age(long nowMs, Consumer<TaskState> aged) {
        while (!waiting.isEmpty()) {
            TaskState longest = waiting.iterator().next();
            if (nowMs - longest.place.waitingSinceMs < longestStarvationMs) {
                return;
            }
            remove(longest);
            longest.place.isAged = true;
            add(longest, nowMs);
            aged.accept(longest);
        }
    }

    /** No task of lower priority was ever served. */
    int lowestEverServed() {
        return lowestServed;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /**
     * Visits the first tasks of each type, so many at most, those first that are served first; none of a type of which none
     * is ready. The types come in turn: where one visit ends, the next one goes on. Each other visit begins with the type of
     * the task that is served first of all.
     *
     * @param visitor returns whether it wants the next type
     */
    void visitFirst(int most, Predicate<List<TaskState>> visitor) {
        beginsWithFirst = !beginsWithFirst;
        Line first = beginsWithFirst && !all.isEmpty() ? line(all.first()) : null;
        boolean wantsMore = first == null || visitor.test(first.first(most));
        Map<String, Line> visited = new LinkedHashMap<>();
        Iterator<Map.Entry<String, Line>> rest = byType.entrySet().iterator();
        while (wantsMore && rest.hasNext()) {
            Map.Entry<String, Line> next = rest.next();
            if (next.getValue() != first) {
                wantsMore = visitor.test(next.getValue().first(most));
            }
            visited.put(next.getKey(), next.getValue());
        }
        if (rest.hasNext()) {
            byType.keySet().removeAll(visited.keySet());
            byType.putAll(visited); // Behind the others.
        }
    }

    private Line line(TaskState task) {
        return Objects.requireNonNull(
                byType.get(task.spec.type()), "a task that was ready once is in line until it ends");
    }

    /** All of them, those first that are served first. */
    Iterable<TaskState> inOrder() {
        return all;
    }

    /** Whether the worker would get something if nothing that it holds were in the way. */
    boolean hasFor(WorkerView worker) {
        return worker.mayGetMore() && firstFor(worker) != null;
    }

    /** What the worker should get next, or null. */
    @Nullable
    TaskState firstFor(WorkerView worker) {
        if (journal.isFull()) {
            return null;
        }
        if (worker.taskTypes == null) {
            return all.isEmpty() ? null : all.first();
        }
        TaskState best = null;
        for (String type : worker.taskTypes) {
            Line line = byType.get(type);
            if (line != null
                    && !line.ready.isEmpty()
                    && (best == null || SERVICE_ORDER.compare(line.ready.first(), best) < 0)) {
                best = line.ready.first();
            }
        }
        return best;
    }
}
