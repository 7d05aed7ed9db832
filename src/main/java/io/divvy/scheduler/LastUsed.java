package io.divvy.scheduler;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values by key: of more than so many, those that were used last. */
final class LastUsed<K, V> {
    private final Map<K, V> values = new LinkedHashMap<>(16, 0.75f, true);
    private final int most;

    LastUsed(int most) {
        this.most = most;
    }

    @Nullable
    V get(K key) {
        return values.get(key);
    }

    void put(K key, V value) {
        values.put(key, value);
        if (values.size() > most) {
            removeOldest();
        }
    }

    /** Removes what was used the longest ago. There must be something. */
    void removeOldest() {
        values.remove(values.keySet().iterator().next());
    }

    int size() {
        return values.size();
    }
}
