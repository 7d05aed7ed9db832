package io.divvy.scheduler;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * On which terms a worker works, as it said when it joined. Made by {@link #plain} or {@link #heartbeatEvery}, by name.
 *
 * @param plain speaks dialect 1: one subtask at a time, no heartbeat
 * @param slots subtasks that it runs at once
 * @param credit subtasks that it is willing to hold unanswered
 * @param taskTypes what it takes, or null for anything
 * @param derives types whose payloads it makes itself
 * @param acks whether it wants to hear what of its answers is durable
 * @param heartbeatMs how often it promised to show a sign of life; 0 for a plain worker
 * @param instance a text that it made up when it began, the same on all of its connections; null if it has none
 */
public record WorkerTerms(
        boolean plain,
        int slots,
        int credit,
        @Nullable Set<String> taskTypes,
        Set<String> derives,
        boolean acks,
        long heartbeatMs,
        @Nullable String instance) {

    /** Those of a worker of dialect 1. */
    public static WorkerTerms plain(@Nullable Set<String> taskTypes) {
        return new WorkerTerms(true, 1, 1, taskTypes, Set.of(), false, 0, null);
    }

    /** Those of a worker of protocol 2; one slot and anything, unless it says otherwise. */
    public static Builder heartbeatEvery(long heartbeatMs) {
        return new Builder(heartbeatMs);
    }

    /** What a worker of protocol 2 says, by name. */
    public static final class Builder {
        private final long heartbeatMs;
        private int slots = 1;
        private int credit;
        private @Nullable Set<String> taskTypes;
        private Set<String> derives = Set.of();
        private boolean acks;
        private @Nullable String instance;

        private Builder(long heartbeatMs) {
            this.heartbeatMs = heartbeatMs;
        }

        public Builder slots(int atOnce) {
            this.slots = atOnce;
            return this;
        }

        /** As many as it has slots if it does not say. */
        public Builder credit(int unanswered) {
            this.credit = unanswered;
            return this;
        }

        /** @param types null for anything */
        public Builder takes(@Nullable Set<String> types) {
            this.taskTypes = types;
            return this;
        }

        public Builder derives(Set<String> types) {
            this.derives = types;
            return this;
        }

        public Builder acks(boolean wanted) {
            this.acks = wanted;
            return this;
        }

        public Builder instance(@Nullable String text) {
            this.instance = text;
            return this;
        }

        public WorkerTerms build() {
            int holds = credit == 0 ? slots : credit;
            return new WorkerTerms(false, slots, holds, taskTypes, derives, acks, heartbeatMs, instance);
        }
    }
}
