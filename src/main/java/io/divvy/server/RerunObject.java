package io.divvy.server;

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

/** The task object of a finished task that is run again. */
final class RerunObject {
    private static final List<String> OF_THE_FIRST_ALONE = List.of("key", "paused", "not_before");

    private RerunObject() {}

    /** With the priority and the labels that it had at its end; without a key, and it may begin at once. */
    static TaskObject of(Rerun first) {
        TaskSpec spec = first.task().task().spec();
        StoredTexts texts = first.task().texts();
        byte[] whole = texts.whole();
        try {
            ObjectNode object = whole == null ? ofShortTask(first) : Json.readObject(whole, 0, whole.length);
            object.remove(OF_THE_FIRST_ALONE);
            object.put("priority", spec.priority());
            ObjectNode labels = object.putObject("labels");
            first.task().notes().labels().forEach(labels::put);
            return TaskObject.read(object);
        } catch (ProtocolException e) {
            throw new CompletionException(new RefusedException(
                    ErrorCode.CONFLICT,
                    "task " + spec.id() + " was stored in a form that this server cannot read: " + e.getMessage()
                            + "; submit it again",
                    null));
        }
    }

    /** Of a task without failures only what is shown is kept, which is all of it but long params and payloads. */
    private static ObjectNode ofShortTask(Rerun first) throws ProtocolException {
        TaskSnapshot task = first.task().task();
        TaskSpec spec = task.spec();
        byte[] text = first.task().texts().input();
        ObjectNode input = text == null ? Json.MAPPER.createObjectNode() : Json.readObject(text, 0, text.length);
        if (!input.path("params").isObject()) {
            throw new CompletionException(new RefusedException(
                    ErrorCode.CONFLICT,
                    "task " + spec.id() + " is " + task.state().name().toLowerCase(Locale.ROOT)
                            + " without failures; its payloads, or params of more than 4 KiB, are not kept after that; submit it"
                            + " again",
                    null));
        }
        ObjectNode object = Json.MAPPER.createObjectNode();
        object.put("type", spec.type());
        object.set("params", input.path("params"));
        object.set("subtasks", input.path("subtasks"));
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
