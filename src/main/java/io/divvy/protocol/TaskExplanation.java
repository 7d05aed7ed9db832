package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a task is not finished, as the HTTP API says it.
 *
 * @param state as in the task's view
 * @param reasons all that hold, at least one, what runs first
 */
public record TaskExplanation(String id, String state, List<Reason> reasons) {

    /** What a reason is called. Programs can tell reasons apart by it. */
    public enum Kind {
        RUNNING,
        NO_WORKER,
        WAITING_FOR_CREDIT,
        QUARANTINED,
        ON_TRIAL,
        BEHIND_HIGHER_PRIORITY,
        BACKING_OFF,
        PREPARING_PAYLOADS,
        HELD_BACK,
        AWAITING_RETURN,
        PAUSED,
        NOT_BEFORE,
        COMBINING,
        SAVING,
        FINISHED;

        public String wireName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** A worker that holds subtasks of the task. */
    public record Holder(String id, String name, long subtasks) {}

    /**
     * One reason. Fields that do not belong to its kind are null and are not written.
     *
     * @param message for people
     * @param subtasks that are held by workers, or wait for a retry
     * @param workers how many are concerned
     * @param heldBy the first of the workers that hold subtasks
     * @param tasks that are ahead
     * @param until when it changes by itself
     */
    public record Reason(
            Kind kind,
            String message,
            @Nullable Long subtasks,
            @Nullable Integer workers,
            @Nullable List<Holder> heldBy,
            @Nullable Integer tasks,
            @Nullable Instant until) {

        public static Reason of(Kind kind, String message) {
            return new Reason(kind, message, null, null, null, null, null);
        }

        public Reason withSubtasks(long count) {
            return new Reason(kind, message, count, workers, heldBy, tasks, until);
        }

        public Reason withWorkers(int count) {
            return new Reason(kind, message, subtasks, count, heldBy, tasks, until);
        }

        public Reason withHeldBy(List<Holder> holders) {
            return new Reason(kind, message, subtasks, workers, holders, tasks, until);
        }

        public Reason withTasks(int count) {
            return new Reason(kind, message, subtasks, workers, heldBy, count, until);
        }

        public Reason withUntil(Instant instant) {
            return new Reason(kind, message, subtasks, workers, heldBy, tasks, instant);
        }

        void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("reason", kind.wireName());
            json.writeStringField("message", message);
            if (subtasks != null) {
                json.writeNumberField("subtasks", subtasks);
            }
            if (workers != null) {
                json.writeNumberField("workers", workers);
            }
            if (heldBy != null) {
                json.writeArrayFieldStart("held_by");
                for (Holder holder : heldBy) {
                    json.writeStartObject();
                    json.writeStringField("id", holder.id());
                    json.writeStringField("name", holder.name());
                    json.writeNumberField("subtasks", holder.subtasks());
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
            if (tasks != null) {
                json.writeNumberField("tasks", tasks);
            }
            if (until != null) {
                json.writeStringField("until", TaskView.timestamp(until));
            }
            json.writeEndObject();
        }
    }

    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", id);
        json.writeStringField("state", state);
        json.writeArrayFieldStart("reasons");
        for (Reason reason : reasons) {
            reason.writeTo(json);
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
