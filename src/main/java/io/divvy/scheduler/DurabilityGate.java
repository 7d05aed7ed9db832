package io.divvy.scheduler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Holds back what tells somebody that something is so, until the store has made it so. Commits are numbered upwards and
 * become durable in that order.
 */
final class DurabilityGate {
    private final TreeMap<Long, List<Runnable>> held = new TreeMap<>();
    private long lastCommit;
    private long lastCommitted;

    /** The number of a new commit. */
    long nextCommit() {
        return ++lastCommit;
    }

    /** Runs {@code release} as soon as the commit of that number is durable: at once if it is. */
    void afterCommit(long commit, Runnable release) {
        if (commit <= lastCommitted) {
            release.run();
        } else {
            held.computeIfAbsent(commit, number -> new ArrayList<>(1)).add(release);
        }
    }

    void committed(long commit) {
        if (commit > lastCommit) {
            throw new IllegalArgumentException("commit " + commit + " was never asked for; the last is " + lastCommit);
        }
        lastCommitted = Math.max(lastCommitted, commit);
        while (!held.isEmpty() && held.firstKey() <= lastCommitted) {
            Map.Entry<Long, List<Runnable>> durable = held.pollFirstEntry();
            durable.getValue().forEach(Runnable::run);
        }
    }
}
