package io.divvy.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.CombineMode;
import io.divvy.protocol.Json;
import io.divvy.protocol.TaskObject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * What to compute, piece by piece. Only the type is required; the server says what it thinks of the rest.
 *
 * <pre>{@code
 * TaskRequest.of("sum_of_squares").param("start", 1).param("end", 1_000_000).subtasks(100).priority(5)
 * TaskRequest.of("render").payload(Map.of("frame", 1)).payload(Map.of("frame", 2)).combine(CombineMode.COLLECT)
 * }</pre>
 *
 * <p>A value may be anything that Jackson turns into JSON: numbers (of any size), strings, lists, maps, records, {@code
 * JsonNode}s. Not for several threads at once. It may be submitted several times; each time is a task of its own, unless
 * it has a {@link #key}.
 */
public final class TaskRequest {
    private final ObjectNode task = Json.MAPPER.createObjectNode();

    private TaskRequest(String type) {
        task.put("type", type);
    }

    /** A task of that type: one that the server knows, or any name if the task brings its payloads. */
    public static TaskRequest of(String type) {
        return new TaskRequest(type);
    }

    /** A parameter of the type, from which the server makes the subtasks. */
    public TaskRequest param(String name, Object value) {
        task.withObjectProperty("params").set(name, Json.toTree(value));
        return this;
    }

    /** Adds a subtask that any worker that takes the type can do. Goes with neither {@link #param} nor {@link #subtasks}. */
    public TaskRequest payload(Object value) {
        task.withArrayProperty("payloads").add(Json.toTree(value));
        return this;
    }

    /** Adds a subtask for each. A task of none is completed at once, with the answer of no results. */
    public TaskRequest payloads(Iterable<?> values) {
        task.withArrayProperty("payloads");
        values.forEach(this::payload);
        return this;
    }

    /** How many subtasks to split the task into; the type's choice if it is not said. */
    public TaskRequest subtasks(long count) {
        task.put("subtasks", count);
        return this;
    }

    /** How the results become the answer; the type's own way if it is not said. */
    public TaskRequest combine(CombineMode mode) {
        task.put("combine", mode.name().toLowerCase(Locale.ROOT));
        return this;
    }

    /** Higher first; 0 if it is not said. */
    public TaskRequest priority(int priority) {
        task.put("priority", priority);
        return this;
    }

    /** How often one subtask is tried before it has failed; 3 if it is not said. */
    public TaskRequest maxAttempts(int attempts) {
        task.put("max_attempts", attempts);
        return this;
    }

    /** How long one attempt of one subtask may take, in whole milliseconds; for ever if it is not said. */
    public TaskRequest subtaskTimeout(Duration timeout) {
        task.put("subtask_timeout_ms", timeout.toMillis());
        return this;
    }

    /** How long the whole task may take from its submission, in whole milliseconds; for ever if it is not said. */
    public TaskRequest timeout(Duration timeout) {
        task.put("timeout_ms", timeout.toMillis());
        return this;
    }

    /** Nothing of the task is started before that time; at once if it is not said. */
    public TaskRequest notBefore(Instant time) {
        task.put("not_before", time.truncatedTo(ChronoUnit.MILLIS).toString());
        return this;
    }

    /** Nothing of the task is started until somebody resumes it, over HTTP or with {@code divvy resume}. */
    public TaskRequest paused() {
        task.put("paused", true);
        return this;
    }

    /** Whether a subtask that is out of attempts fails the task, which it does if it is not said. */
    public TaskRequest onFailure(TaskObject.OnFailure what) {
        task.put("on_failure", what.name().toLowerCase(Locale.ROOT));
        return this;
    }

    /**
     * An idempotency key: the same key and the same task give the same task, however often it is submitted and by whom. A
     * submission without one gets a random one from the client, so that it can be sent again after a lost connection.
     */
    public TaskRequest key(String key) {
        task.put("key", key);
        return this;
    }

    /** For people. */
    public TaskRequest name(String name) {
        task.put("name", name);
        return this;
    }

    /** For filters. */
    public TaskRequest label(String name, String value) {
        task.withObjectProperty("labels").put(name, value);
        return this;
    }

    /** The task object of the protocol. Changes to it are not seen here. */
    public ObjectNode toJson() {
        return task.deepCopy();
    }

    @Override
    public String toString() {
        return task.toString();
    }
}
