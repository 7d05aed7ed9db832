package io.divvy.scheduler;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connected worker as it is at one moment. Times are milliseconds since the epoch. Made by a {@link Draft}, by name.
 *
 * @param plain speaks dialect 1
 * @param creditInUse subtasks that it holds unanswered
 * @param taskTypes what it takes, or null for anything
 * @param derives types whose payloads it makes itself
 * @param draining it gets no more leases, because it said so or because it was asked to
 * @param quarantinedUntilMs until when it gets nothing because workers of its name died, or null
 * @param openLeases leases of which something is unanswered
 * @param subtasksDone subtasks that it answered with a result since it joined
 */
public record WorkerSnapshot(
        WorkerId id,
        String name,
        boolean plain,
        int slots,
        int credit,
        long creditInUse,
        @Nullable Set<String> taskTypes,
        Set<String> derives,
        boolean draining,
        @Nullable Long quarantinedUntilMs,
        int openLeases,
        long joinedMs,
        long lastSeenMs,
        long subtasksDone) {

    /** A snapshot that is made up, by name. What is not set is 0, empty, or null where that says something. */
    static final class Draft {
        private final WorkerId id;
        private final String name;
        boolean plain;
        int slots;
        int credit;
        long creditInUse;

        @Nullable
        Set<String> taskTypes;

        Set<String> derives = Set.of();
        boolean draining;

        @Nullable
        Long quarantinedUntilMs;

        int openLeases;
        long joinedMs;
        long lastSeenMs;
        long subtasksDone;

        Draft(WorkerId id, String name) {
            this.id = id;
            this.name = name;
        }

        WorkerSnapshot finish() {
            return new WorkerSnapshot(
                    id,
                    name,
                    plain,
                    slots,
                    credit,
                    creditInUse,
                    taskTypes,
                    derives,
                    draining,
                    quarantinedUntilMs,
                    openLeases,
                    joinedMs,
                    lastSeenMs,
                    subtasksDone);
        }
    }
}
