package io.divvy.server;

import static io.divvy.protocol.ProtocolLimits.MAX_SHOWN_INPUT_BYTES;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.TaskObject;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import io.divvy.store.Rerun;
import io.divvy.store.StoredTexts;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The task object of a finished task that is run again. */
final class RerunObject {
    private static final List<String> OF_THE_FIRST_ALONE = List.of("key", "paused", "not_before");

    private RerunObject() {}

    /**
     * With the priority and the labels that it had at its end; it may begin at once.
     *
     * @param key of the new task, or null; that of the first is still its own
     */
    static TaskObject of(Rerun first, @Nullable String key) {
        TaskSpec spec = first.task().task().spec();
        StoredTexts texts = first.task().texts();
        byte[] whole = texts.whole();
        try {
            ObjectNode object = whole == null ? ofShortTask(first) : Json.readObject(whole, 0, whole.length);
            object.remove(OF_THE_FIRST_ALONE);
            object.put("priority", spec.priority());
            ObjectNode labels = object.putObject("labels");
            first.task().notes().labels().forEach(labels::put);
            TaskObject again = TaskObject.read(object);
            return key == null ? again : again.withKey(key);
        } catch (ProtocolException e) {
            throw new CompletionException(new RefusedException(
                    ErrorCode.CONFLICT,
                    "task " + spec.id() + " was stored in a form that this server cannot read: " + e.getMessage()
                            + "; submit it again",
                    null));
        }
    }

    /** Of a task without failures only what is shown is kept, which is all of it if its params or payloads are short. */
    private static ObjectNode ofShortTask(Rerun first) throws ProtocolException {
        TaskSnapshot task = first.task().task();
        TaskSpec spec = task.spec();
        byte[] text = first.task().texts().input();
        ObjectNode input = text == null ? Json.MAPPER.createObjectNode() : Json.readObject(text, 0, text.length);
        JsonNode payloads = input.path("payload_list");
        if (!input.path("params").isObject() && !payloads.isArray()) {
            throw new CompletionException(new RefusedException(
                    ErrorCode.CONFLICT,
                    "task " + spec.id() + " is " + task.state().name().toLowerCase(Locale.ROOT)
                            + " without failures; params or payloads of more than " + MAX_SHOWN_INPUT_BYTES
                            + " bytes are not kept after that; submit it again",
                    null));
        }
        ObjectNode object = Json.MAPPER.createObjectNode();
        object.put("type", spec.type());
        if (payloads.isArray()) {
            object.set("payloads", payloads);
        } else {
            object.set("params", input.path("params"));
            object.set("subtasks", input.path("subtasks"));
        }
        object.set("combine", input.path("combine"));
        object.put("max_attempts", spec.maxAttempts());
        object.put("on_failure", spec.onFailure().name().toLowerCase(Locale.ROOT));
        object.put("name", first.task().notes().name());
        if (spec.subtaskTimeoutMs() > 0) {
            object.put("subtask_timeout_ms", spec.subtaskTimeoutMs());
        }
        if (spec.timeoutMs() > 0) {
            object.put("timeout_ms", spec.timeoutMs());
        }
        object.properties().removeIf(field -> field.getValue().isNull());
        return object;
    }
}
