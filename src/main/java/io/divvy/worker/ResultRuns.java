package io.divvy.worker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Results of one task by index, in as few runs as they have gaps, about. */
final class ResultRuns {
    private final String taskId;
    private final TreeMap<Long, ResultRun> runs = new TreeMap<>();
    private long bytes;

    ResultRuns(String taskId) {
        this.taskId = taskId;
    }

    String taskId() {
        return taskId;
    }

    boolean isEmpty() {
        return runs.isEmpty();
    }

    /** About how much memory they take. */
    long bytes() {
        return bytes;
    }

    Collection<ResultRun> all() {
        return runs.values();
    }

    /** Adds results. What was there of the same indexes goes. */
    void add(ResultRun added) {
        remove(added.from(), added.to());
        ResultRun joined = added;
        Map.Entry<Long, ResultRun> before = runs.lowerEntry(added.from());
        if (before != null && before.getValue().to() == added.from() && append(before.getValue(), added)) {
            joined = before.getValue();
        } else {
            put(added);
        }
        ResultRun after = runs.get(joined.to());
        if (after != null && append(joined, after)) {
            take(after);
        }
    }

    private boolean append(ResultRun run, ResultRun next) {
        bytes -= run.bytes();
        boolean taken = run.append(next);
        bytes += run.bytes();
        return taken;
    }

    private void put(ResultRun run) {
        runs.put(run.from(), run);
        bytes += run.bytes();
    }

    private void take(ResultRun run) {
        runs.remove(run.from());
        bytes -= run.bytes();
    }

    /** Drops what there is of the indexes from {@code from} up to, not including, {@code to}. */
    void remove(long from, long to) {
        Map.Entry<Long, ResultRun> last = runs.lowerEntry(to);
        while (last != null && last.getValue().to() > from) {
            cut(last.getValue(), from, to);
            last = runs.lowerEntry(last.getKey());
        }
    }

    private void cut(ResultRun run, long from, long to) {
        take(run);
        if (run.from() < from) {
            put(new ResultRun(run.from(), run.values(run.from(), from)));
        }
        if (run.to() > to) {
            run.dropFirst((int) (to - run.from()));
            put(run);
        }
    }

    /** Drops some of those with the lowest indexes: a run, or the first {@code most} of it. */
    void removeSome(int most) {
        ResultRun first = runs.firstEntry().getValue();
        remove(first.from(), Math.min(first.to(), first.from() + most));
    }

    /** Which of the indexes from {@code from} up to, not including, {@code to} there are. */
    List<IndexRange> within(long from, long to) {
        List<IndexRange> found = new ArrayList<>();
        Map.Entry<Long, ResultRun> last = runs.lowerEntry(to);
        while (last != null && last.getValue().to() > from) {
            ResultRun run = last.getValue();
            found.add(new IndexRange(Math.max(from, run.from()), Math.min(to, run.to())));
            last = runs.lowerEntry(last.getKey());
        }
        return found;
    }
}
