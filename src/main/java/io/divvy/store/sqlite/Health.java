package io.divvy.store.sqlite;

import io.divvy.store.TaskStore;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Executor;
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
        READER
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

    synchronized void failing(Part part, String partWhy) {
        if (failing.putIfAbsent(part, partWhy) == null) {
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
            String all = String.join("; ", failing.values());
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
