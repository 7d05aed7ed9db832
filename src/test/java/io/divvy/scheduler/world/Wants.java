package io.divvy.scheduler.world;

import io.divvy.protocol.TaskObject;
import io.divvy.state.SubmitKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All that senders of a world want done, and under which keys. */
final class Wants {
    private final List<Wanted> all = new ArrayList<>();
    private final Map<SubmitKey, List<Wanted>> byKey = new HashMap<>();

    /** The number of what is wanted next. */
    int nextNumber() {
        return all.size();
    }

    void add(Wanted wanted) {
        all.add(wanted);
        SubmitKey key = wanted.key();
        if (key != null) {
            byKey.computeIfAbsent(key, any -> new ArrayList<>(1)).add(wanted);
        }
    }

    /** What was submitted so. */
    Wanted of(TaskObject object) {
        int number = Wanted.numberIn(object);
        Violation.unless(number < all.size(), () -> "nobody ever submitted " + object);
        return all.get(number);
    }

    /** All that is wanted under that key. */
    List<Wanted> of(SubmitKey key) {
        return byKey.getOrDefault(key, List.of());
    }

    /** Whether different tasks were submitted under its key. */
    boolean mayConflict(Wanted wanted) {
        SubmitKey key = wanted.key();
        return key != null
                && of(key).stream().anyMatch(other -> !other.fingerprint().equals(wanted.fingerprint()));
    }
}
