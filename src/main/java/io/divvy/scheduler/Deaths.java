package io.divvy.scheduler;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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

    /**
     * @param reason why the worker's connection ended, the last time
     * @param reasonBefore the same of the time before
     * @param exitCode the last one that was told; null for none
     */
    private record Seen(
            int times,
            String reason,
            String reasonBefore,
            @Nullable Integer exitCode) {
        Seen again(String newReason) {
            return new Seen(times + 1, newReason, reason, exitCode);
        }

        String inWords() {
            String what = times == 1 ? reason : times + " times, the last: " + reason;
            return exitCode == null ? what : what + "; exit code " + exitCode;
        }
    }

    /** @param sinceMs when the first of them died */
    Deaths(long sinceMs) {
        this.sinceMs = sinceMs;
    }

    void add(WorkerIdentity worker, String reason) {
        count++;
        Seen before = byWorker.get(worker);
        byWorker.put(worker, before == null ? new Seen(1, reason, reason, null) : before.again(reason));
        if (byWorker.size() > MOST_WORKERS) {
            byWorker.remove(byWorker.keySet().iterator().next());
        }
    }

    /** The last one under this name was no death. Returns how many are left. */
    int takeBack(WorkerIdentity worker) {
        count--;
        byWorker.computeIfPresent(
                worker,
                (identity, seen) -> seen.times == 1
                        ? null
                        : new Seen(seen.times - 1, seen.reasonBefore, seen.reasonBefore, seen.exitCode));
        return count;
    }

    /** What the process ended with that died under this name. */
    void tellExitCode(WorkerIdentity worker, int exitCode) {
        byWorker.computeIfPresent(
                worker, (identity, seen) -> new Seen(seen.times, seen.reason, seen.reasonBefore, exitCode));
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
