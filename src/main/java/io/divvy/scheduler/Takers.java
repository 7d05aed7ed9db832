package io.divvy.scheduler;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * The workers that could take subtasks now: they are connected, do not drain, do not stand still, and are not quarantined.
 * They are counted by what is known of them, their {@link WorkerView#standing}.
 */
final class Takers {
    private final Map<String, Count> byType = new HashMap<>();
    private final Count ofAnyType = new Count();
    private final Map<WorkerIdentity, WorkerView> byIdentity = new HashMap<>();

    /** It does not take anything now, whatever is known of it. */
    private static final int NO_TAKER = -1;

    /** As what one worker is counted. */
    static final class Place {
        /** Its standing, or {@link #NO_TAKER}. */
        private int standing = NO_TAKER;
        /** Whether it is a newcomer that holds something. */
        private boolean isStarter;

        /** Whether it could take something now. */
        boolean isTaker() {
            return standing != NO_TAKER;
        }
    }

    private static final class Count {
        /** By standing, how many have that or a better one. */
        private final int[] atLeast = new int[WorkerView.VETERAN + 1];
        /** Newcomers that hold something: they may prove themselves with it. */
        private int starters;
    }

    /** To be called when anything of that may have changed for the worker. */
    void refresh(WorkerView worker) {
        boolean isTaker = !worker.isGone()
                && !worker.hasBrokenProtocol()
                && !worker.isDraining()
                && !worker.quarantine.isOn()
                && !worker.headway.owes();
        int standing = isTaker ? worker.standing() : NO_TAKER;
        boolean isStarter = standing == WorkerView.NEWCOMER && worker.creditUsed() > 0;
        if (standing == worker.takers.standing && isStarter == worker.takers.isStarter) {
            return;
        }
        if (isTaker) {
            byIdentity.put(worker.identity, worker);
        } else {
            byIdentity.remove(worker.identity, worker);
        }
        if (worker.taskTypes == null) {
            recount(ofAnyType, worker, standing, isStarter);
        } else {
            for (String type : worker.taskTypes) {
                Count count = byType.computeIfAbsent(type, t -> new Count());
                recount(count, worker, standing, isStarter);
                if (count.atLeast[WorkerView.NEWCOMER] == 0) {
                    byType.remove(type);
                }
            }
        }
        worker.takers.standing = standing;
        worker.takers.isStarter = isStarter;
    }

    private static void recount(Count count, WorkerView worker, int standing, boolean isStarter) {
        for (int level = 0; level < count.atLeast.length; level++) {
            count.atLeast[level] += (standing >= level ? 1 : 0) - (worker.takers.standing >= level ? 1 : 0);
        }
        count.starters += (isStarter ? 1 : 0) - (worker.takers.isStarter ? 1 : 0);
    }

    private int count(String type, int standing) {
        Count count = byType.get(type);
        return ofAnyType.atLeast[standing] + (count == null ? 0 : count.atLeast[standing]);
    }

    /** Whether a worker of that standing, or a better one, takes the type. */
    boolean has(String type, int standing) {
        return count(type, standing) > 0;
    }

    /** Whether there is one that is not among these. */
    boolean hasOther(String type, int standing, Collection<WorkerIdentity> than) {
        return count(type, standing) > among(type, standing, than);
    }

    /** Whether a newcomer that takes the type holds something, and may prove itself with it. */
    boolean hasStarter(String type) {
        Count count = byType.get(type);
        return ofAnyType.starters + (count == null ? 0 : count.starters) > 0;
    }

    private int among(String type, int standing, Collection<WorkerIdentity> identities) {
        int found = 0;
        for (WorkerIdentity identity : identities) {
            WorkerView worker = byIdentity.get(identity);
            if (worker != null && worker.takes(type) && worker.takers.standing >= standing) {
                found++;
            }
        }
        return found;
    }
}
