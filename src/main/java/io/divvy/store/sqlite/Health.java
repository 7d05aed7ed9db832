package io.divvy.store.sqlite;

import io.divvy.store.TaskStore;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the store is. From any thread; its listener hears of changes on the loop. */
final class Health {
    private static final Logger LOG = LoggerFactory.getLogger(Health.class);

    private final Executor loop;
    private final TaskStore.Listener listener;
    private final Map<Part, String> failing = new EnumMap<>(Part.class);
    private volatile @Nullable String why;
    private boolean isLost;

    /** What can fail by itself. */
    enum Part {
        WRITER,
        LOOKUPS,
        KEY_LOOKUPS,
        LISTS,
        RESULTS
    }

    Health(Executor loop, TaskStore.Listener listener) {
        this.loop = loop;
        this.listener = listener;
    }

    /** Why commits cannot be expected to succeed now, or null. */
    @Nullable
    String why() {
        return why;
    }

    /** The newest reason is told, each once as long as it is the same. */
    synchronized void failing(Part part, String partWhy) {
        if (!partWhy.equals(failing.put(part, partWhy))) {
            changed();
        }
    }

    synchronized void recovered(Part part) {
        if (failing.remove(part) != null) {
            changed();
        }
    }

    private void changed() {
        if (isLost) {
            return;
        }
        if (failing.isEmpty()) {
            why = null;
            LOG.info("the store works again");
            loop.execute(listener::recovered);
        } else {
            // Readers that cannot read for the same reason say it once.
            String all = failing.values().stream().distinct().collect(Collectors.joining("; "));
            if (all.equals(why)) {
                return;
            }
            why = all;
            LOG.error("the store fails: {}; it is tried again until it succeeds", all);
            loop.execute(() -> listener.failing(all));
        }
    }

    synchronized void lost(String lostWhy) {
        if (!isLost) {
            isLost = true;
            why = lostWhy;
            LOG.error("the store is lost, nothing is committed any more: {}", lostWhy);
            loop.execute(() -> listener.lost(lostWhy));
        }
    }
}
