package io.divvy.scheduler;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Workers that died while one subtask was all that they ran, and of what. Only those say something about that subtask: of
 * several that ran at once, nobody knows which one it was.
 */
final class Deaths {
    /** More are not needed to judge, and not read by anybody. */
    private static final int MOST_WORKERS = 8;

    private final long sinceMs;
    private final Map<WorkerIdentity, Seen> byWorker = new LinkedHashMap<>();
    private int count;

    /** @param reason why the worker's connection ended, the last time */
    private record Seen(int times, String reason) {
        String inWords() {
            return times == 1 ? reason : times + " times, the last: " + reason;
        }
    }

    /** @param sinceMs when the first of them died */
    Deaths(long sinceMs) {
        this.sinceMs = sinceMs;
    }

    void add(WorkerIdentity worker, String reason) {
        count++;
        Seen before = byWorker.get(worker);
        byWorker.put(worker, new Seen(before == null ? 1 : before.times + 1, reason));
        if (byWorker.size() > MOST_WORKERS) {
            byWorker.remove(byWorker.keySet().iterator().next());
        }
    }

    long sinceMs() {
        return sinceMs;
    }

    int count() {
        return count;
    }

    Set<WorkerIdentity> workers() {
        return byWorker.keySet();
    }

    /** Who died, how often, and of what. */
    String inWords() {
        return byWorker.entrySet().stream()
                .map(death -> death.getKey() + " (" + death.getValue().inWords() + ")")
                .collect(Collectors.joining(", "));
    }
}
