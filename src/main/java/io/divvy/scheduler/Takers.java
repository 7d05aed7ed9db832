package io.divvy.scheduler;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The workers that could take subtasks now: they are connected, do not drain, do not stand still, and are not quarantined. Of
 * those some are proven: they have answered subtasks since they connected.
 */
final class Takers {
    private final Map<String, Count> byType = new HashMap<>();
    private final Count ofAnyType = new Count();
    private final Map<WorkerIdentity, WorkerView> byIdentity = new HashMap<>();

    private static final class Count {
        private int takers;
        private int proven;
    }

    /** To be called when anything of that may have changed for the worker. */
    void refresh(WorkerView worker) {
        boolean isTaker = !worker.gone
                && !worker.brokeProtocol
                && !worker.isDraining()
                && !worker.isQuarantined()
                && worker.owedLease == null;
        boolean isProven = isTaker && worker.isProven();
        if (isTaker == worker.isTaker && isProven == worker.isProvenTaker) {
            return;
        }
        int takers = (isTaker ? 1 : 0) - (worker.isTaker ? 1 : 0);
        int proven = (isProven ? 1 : 0) - (worker.isProvenTaker ? 1 : 0);
        worker.isTaker = isTaker;
        worker.isProvenTaker = isProven;
        if (isTaker) {
            byIdentity.put(worker.identity, worker);
        } else {
            byIdentity.remove(worker.identity, worker);
        }
        if (worker.taskTypes == null) {
            add(ofAnyType, takers, proven);
            return;
        }
        for (String type : worker.taskTypes) {
            Count count = byType.computeIfAbsent(type, t -> new Count());
            add(count, takers, proven);
            if (count.takers == 0) {
                byType.remove(type);
            }
        }
    }

    private static void add(Count count, int takers, int proven) {
        count.takers += takers;
        count.proven += proven;
    }

    /** Whether a proven worker takes the type. */
    boolean hasProven(String type) {
        Count count = byType.get(type);
        return ofAnyType.proven + (count == null ? 0 : count.proven) > 0;
    }

    /** Whether a worker takes the type that is not among those that died. */
    boolean hasOther(String type, @Nullable Deaths deaths) {
        Count count = byType.get(type);
        int others = ofAnyType.takers + (count == null ? 0 : count.takers);
        return others > among(type, deaths, false);
    }

    /** The same, of proven ones. */
    boolean hasOtherProven(String type, @Nullable Deaths deaths) {
        Count count = byType.get(type);
        int others = ofAnyType.proven + (count == null ? 0 : count.proven);
        return others > among(type, deaths, true);
    }

    /** How many of those that died are back, and take the type. */
    private int among(String type, @Nullable Deaths deaths, boolean onlyProven) {
        int found = 0;
        if (deaths != null) {
            for (WorkerIdentity identity : deaths.identities()) {
                WorkerView worker = byIdentity.get(identity);
                if (worker != null && worker.takes(type) && (!onlyProven || worker.isProvenTaker)) {
                    found++;
                }
            }
        }
        return found;
    }
}
