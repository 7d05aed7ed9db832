package io.divvy.scheduler.world;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The deaths of workers that ran one subtask of a task and nothing else, as the world saw them. */
final class LoneDeaths {
    private final Map<Long, Seen> byIndex = new HashMap<>();

    /** With one subtask. */
    static final class Seen {
        private int count;
        private int most;
        /** By name of worker. */
        private final Map<String, Integer> times = new TreeMap<>();

        private boolean wasLastProven;
        /** Workers that turned out not to have died of it, whatever else they ran. */
        private int takenBack;

        /** How many there ever were at once: what was taken for a death may turn out to be none, after a verdict fell. */
        int most() {
            return most;
        }

        Set<String> names() {
            return times.keySet();
        }

        /** Whether the last one that died had answered something. */
        boolean wasLastProven() {
            return wasLastProven;
        }

        @Override
        public String toString() {
            return count + " lone deaths, of " + times + ", the last " + (wasLastProven ? "proven" : "not proven");
        }
    }

    void add(long index, String worker, boolean isProven) {
        Seen seen = of(index);
        seen.count++;
        seen.most = Math.max(seen.most, seen.count);
        seen.times.merge(worker, 1, Integer::sum);
        seen.wasLastProven = isProven;
    }

    /** The last one of that name was none. */
    void takeBack(long index, String worker) {
        Seen seen = of(index);
        seen.count--;
        seen.times.computeIfPresent(worker, (name, times) -> times == 1 ? null : times - 1);
    }

    /** A worker is back that was lost with it. Returns how often that happened. */
    int countBack(long index) {
        return ++of(index).takenBack;
    }

    Seen of(long index) {
        return byIndex.computeIfAbsent(index, i -> new Seen());
    }
}
