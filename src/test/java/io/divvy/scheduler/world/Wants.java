package io.divvy.scheduler.world;

import io.divvy.protocol.TaskObject;
import io.divvy.state.SubmitKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All that senders of a world want done, and under which keys. */
final class Wants {
    private final List<Wanted> all = new ArrayList<>();
    private final Map<SubmitKey, Set<String>> fingerprintsByKey = new HashMap<>();

    /** The number of what is wanted next. */
    int nextNumber() {
        return all.size();
    }

    void add(Wanted wanted) {
        all.add(wanted);
        SubmitKey key = wanted.key();
        if (key != null) {
            fingerprintsByKey.computeIfAbsent(key, any -> new HashSet<>()).add(wanted.fingerprint());
        }
    }

    /** What was submitted so. */
    Wanted of(TaskObject object) {
        int number = Wanted.numberIn(object);
        Violation.unless(number < all.size(), () -> "nobody ever submitted " + object);
        return all.get(number);
    }

    /** Whether different tasks were submitted under its key. */
    boolean mayConflict(Wanted wanted) {
        SubmitKey key = wanted.key();
        return key != null && fingerprintsByKey.getOrDefault(key, Set.of()).size() > 1;
    }
}
