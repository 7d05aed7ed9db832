package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * A connected worker as the HTTP door shows it.
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
