package io.divvy.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.Json;
import io.divvy.state.FailedAttempt;
import io.divvy.state.FailedAttempt.Verdict;
import io.divvy.state.FailureKind;
import io.divvy.state.TaskFailures;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is remembered of failed attempts, as the JSON that clients get and the store keeps. From any thread. */
final class FailureText {
    private FailureText() {}

    /** For the view of the task; null if none failed. */
    static byte @Nullable [] kinds(@Nullable TaskFailures failures) {
        if (failures == null) {
            return null;
        }
        ArrayNode kinds = Json.MAPPER.createArrayNode();
        for (FailureKind kind : failures.kinds()) {
            FailedAttempt example = kind.example();
            ObjectNode object = kinds.addObject();
            object.put("code", code(kind.isPoisonous()));
            object.put("message", kind.message());
            object.put("attempts", kind.attempts());
            object.put("subtasks", kind.subtasks());
            object.putObject("example")
                    .put("index", example.index())
                    .put("worker", example.said().worker())
                    .put("message", example.said().message());
        }
        if (failures.ofOtherKinds() > 0) {
            kinds.addObject()
                    .put("code", code(false))
                    .putNull("message")
                    .put("attempts", failures.ofOtherKinds())
                    .putNull("subtasks")
                    .putNull("example");
        }
        return Json.write(kinds);
    }

    /** For {@link FailurePage}; null if none failed. */
    static byte @Nullable [] all(@Nullable TaskFailures failures) {
        if (failures == null) {
            return null;
        }
        ObjectNode all = Json.MAPPER.createObjectNode();
        all.put(FailurePage.DROPPED, failures.dropped());
        ArrayNode items = all.putArray(FailurePage.ITEMS);
        for (FailedAttempt attempt : failures.attempts()) {
            FailedAttempt.Said said = attempt.said();
            items.addObject()
                    .put(FailurePage.INDEX, attempt.index())
                    .put("attempts", attempt.attempts())
                    .put("state", attempt.isFinal() ? "failed" : "retried")
                    .put("code", code(attempt.verdict() == Verdict.POISONOUS))
                    .put("worker", said.worker())
                    .put("message", said.message())
                    .put("detail", said.detail())
                    .put("at", Instant.ofEpochMilli(attempt.atMs()).toString());
        }
        return Json.write(all);
    }

    private static String code(boolean isPoisonous) {
        return isPoisonous ? "subtask_poisonous" : "subtask_failed";
    }
}
