package io.divvy.scheduler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Holds back what tells somebody that something is so, until the store has made it so. Commits are numbered upwards and
 * become durable in that order, but for those that are deferred.
 */
final class DurabilityGate {
    private final Outbox outbox;
    private final TreeMap<Long, List<Runnable>> held = new TreeMap<>();
    /** What waits for commits that come to the store later than those behind them. */
    private final Map<Long, List<Runnable>> deferred = new HashMap<>();

    private long lastCommit;
    private long lastCommitted;

    DurabilityGate(Outbox outbox) {
        this.outbox = outbox;
    }

    /** Asks for a change to be made durable. Returns the number of its commit. */
    long persist(Change change) {
        long commit = ++lastCommit;
        outbox.emit(new Effect.Persist(commit, change));
        return commit;
    }

    /** The commit of that number is not durable when later ones are: not before it is said of itself. */
    void defer(long commit) {
        List<Runnable> waiting = held.remove(commit);
        deferred.put(commit, waiting == null ? new ArrayList<>(1) : waiting);
    }

    /** The commit of that number will never be: nothing that waits for it happens. */
    void failed(long commit) {
        held.remove(commit);
    }

    /** Runs {@code release} as soon as the commit of that number is durable: at once if it is. */
    void afterCommit(long commit, Runnable release) {
        List<Runnable> waiting = deferred.isEmpty() ? null : deferred.get(commit);
        if (waiting != null) {
            waiting.add(release);
        } else if (commit <= lastCommitted) {
            release.run();
        } else {
            held.computeIfAbsent(commit, number -> new ArrayList<>(1)).add(release);
        }
    }

    boolean holdsSomething() {
        return !held.isEmpty() || !deferred.isEmpty();
    }

    void committed(long commit) {
        if (commit > lastCommit) {
            throw new IllegalArgumentException("commit " + commit + " was never asked for; the last is " + lastCommit);
        }
        List<Runnable> late = deferred.isEmpty() ? null : deferred.remove(commit);
        if (late != null) {
            late.forEach(Runnable::run);
            return;
        }
        lastCommitted = Math.max(lastCommitted, commit);
        while (!held.isEmpty() && held.firstKey() <= lastCommitted) {
            Map.Entry<Long, List<Runnable>> durable = held.pollFirstEntry();
            durable.getValue().forEach(Runnable::run);
        }
    }
}
