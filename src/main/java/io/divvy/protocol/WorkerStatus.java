package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connected worker as the HTTP API shows it. Made by a {@link Draft}, by name.
 *
 * @param id names the connection; a worker that connects again gets another one
 * @param address where it connects from, or null if the system does not say
 * @param dialect 1 or 2
 * @param creditInUse subtasks that it holds unanswered
 * @param taskTypes {@code ["*"]} for any; shown in the order of their names
 * @param quarantinedUntil until when it gets nothing because workers of its name died, or null
 * @param subtasksDone since it connected
 */
public record WorkerStatus(
        String id,
        String name,
        @Nullable String address,
        int dialect,
        int slots,
        int credit,
        long creditInUse,
        Collection<String> taskTypes,
        Collection<String> derives,
        boolean draining,
        @Nullable Instant quarantinedUntil,
        int openLeases,
        long subtasksDone,
        Instant connectedAt,
        Instant lastSeenAt) {

    /** A status that is made up, by name. What is not set is unknown, or 0. */
    public static final class Draft {
        private final String id;
        private final String name;
        private final int dialect;
        private final Instant connectedAt;
        private final Instant lastSeenAt;
        public @Nullable String address;
        public int slots;
        public int credit;
        public long creditInUse;
        public Collection<String> taskTypes = List.of("*");
        public Collection<String> derives = List.of();
        public boolean draining;
        public @Nullable Instant quarantinedUntil;
        public int openLeases;
        public long subtasksDone;

        public Draft(String id, String name, int dialect, Instant connectedAt, Instant lastSeenAt) {
            this.id = id;
            this.name = name;
            this.dialect = dialect;
            this.connectedAt = connectedAt;
            this.lastSeenAt = lastSeenAt;
        }

        public WorkerStatus finish() {
            return new WorkerStatus(
                    id,
                    name,
                    address,
                    dialect,
                    slots,
                    credit,
                    creditInUse,
                    taskTypes,
                    derives,
                    draining,
                    quarantinedUntil,
                    openLeases,
                    subtasksDone,
                    connectedAt,
                    lastSeenAt);
        }
    }

    /** The same worker, once it gets nothing new. */
    public WorkerStatus thatDrains() {
        return new WorkerStatus(
                id,
                name,
                address,
                dialect,
                slots,
                credit,
                creditInUse,
                taskTypes,
                derives,
                true,
                quarantinedUntil,
                openLeases,
                subtasksDone,
                connectedAt,
                lastSeenAt);
    }

    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", id);
        json.writeStringField("name", name);
        json.writeStringField("address", address);
        json.writeNumberField("dialect", dialect);
        json.writeNumberField("slots", slots);
        json.writeNumberField("credit", credit);
        json.writeNumberField("credit_in_use", creditInUse);
        writeTexts(json, "task_types", taskTypes);
        writeTexts(json, "derives", derives);
        json.writeBooleanField("draining", draining);
        if (quarantinedUntil == null) {
            json.writeNullField("quarantined_until");
        } else {
            json.writeStringField("quarantined_until", TaskView.timestamp(quarantinedUntil));
        }
        json.writeNumberField("open_leases", openLeases);
        json.writeNumberField("subtasks_done", subtasksDone);
        json.writeStringField("connected_at", TaskView.timestamp(connectedAt));
        json.writeStringField("last_seen_at", TaskView.timestamp(lastSeenAt));
        json.writeEndObject();
    }

    private static void writeTexts(JsonGenerator json, String name, Collection<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts.stream().sorted().toList()) {
            json.writeString(text);
        }
        json.writeEndArray();
    }
}
