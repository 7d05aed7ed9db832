package io.divvy.store.sqlite;

import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what is damaged, each thing once, however often somebody asks for it. From any thread. */
final class DamageLog {
    private static final Logger LOG = LoggerFactory.getLogger(DamageLog.class);

    /** Things that are not logged again; of more, the one that was logged first may be. */
    private static final int REMEMBERED = 1_000;

    private final Set<String> logged = new LinkedHashSet<>();

    /** @param what is damaged: "task a" */
    synchronized void add(String what, Exception why) {
        if (logged.add(what)) {
            LOG.error("{} cannot be read: what is stored of it is damaged", what, why);
        }
        if (logged.size() > REMEMBERED) {
            logged.remove(logged.iterator().next());
        }
    }
}
