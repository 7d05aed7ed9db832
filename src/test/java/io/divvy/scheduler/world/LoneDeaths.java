package io.divvy.scheduler.world;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The deaths of workers that ran one subtask of a task and nothing else, as the world saw them. */
final class LoneDeaths {
    private final Map<Long, Seen> byIndex = new HashMap<>();

    /** With one subtask. */
    static final class Seen {
        private int count;
        private final Set<String> names = new TreeSet<>();
        private boolean wasLastProven;

        int count() {
            return count;
        }

        Set<String> names() {
            return names;
        }

        /** Whether the last one that died had answered something. */
        boolean wasLastProven() {
            return wasLastProven;
        }

        @Override
        public String toString() {
            return count + " lone deaths, of " + names + ", the last " + (wasLastProven ? "proven" : "not proven");
        }
    }

    void add(long index, String worker, boolean isProven) {
        Seen seen = of(index);
        seen.count++;
        seen.names.add(worker);
        seen.wasLastProven = isProven;
    }

    Seen of(long index) {
        return byIndex.computeIfAbsent(index, i -> new Seen());
    }
}
