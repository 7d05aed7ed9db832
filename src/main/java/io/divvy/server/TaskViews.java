package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.Progress;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.TaskError;
import io.divvy.protocol.TaskView;
import io.divvy.scheduler.Ledger;
import io.divvy.scheduler.TaskFailure;
import io.divvy.scheduler.TaskSnapshot;
import io.divvy.store.StoredTask;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes what is shown of a task from what the core and the store know. */
final class TaskViews {
    private TaskViews() {}

    static TaskView open(TaskSnapshot task, TaskWork work) {
        return view(task, work.object().name(), work.object().labels(), null);
    }

    static TaskView finished(StoredTask stored) {
        JsonNode description = read(stored.description());
        Map<String, String> labels = new LinkedHashMap<>();
        description
                .path("labels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().textValue()));
        byte[] result = stored.result();
        return view(stored.task(), description.path("name").textValue(), labels, result == null ? null : read(result));
    }

    static Progress progress(Ledger ledger) {
        return new Progress(
                ledger.total(), ledger.pending(), ledger.leased(), ledger.done(), ledger.failed(), ledger.cancelled());
    }

    private static TaskView view(
            TaskSnapshot task, @Nullable String name, Map<String, String> labels, @Nullable JsonNode result) {
        return new TaskView(
                task.spec().id().value(),
                task.spec().type(),
                name,
                labels,
                task.state().name().toLowerCase(Locale.ROOT),
                progress(task.ledger()),
                task.retries(),
                task.duplicates(),
                task.spec().priority(),
                result,
                task.failedRanges().stream()
                        .map(range -> List.of(range.from(), range.to()))
                        .toList(),
                error(task.failure()),
                Instant.ofEpochMilli(task.submittedMs()),
                instant(task.startedMs()),
                instant(task.finishedMs()));
    }

    private static @Nullable TaskError error(@Nullable TaskFailure failure) {
        return failure == null
                ? null
                : new TaskError(
                        failure.code().name().toLowerCase(Locale.ROOT),
                        failure.message(),
                        failure.subtask(),
                        failure.worker(),
                        failure.attempts());
    }

    private static @Nullable Instant instant(@Nullable Long epochMs) {
        return epochMs == null ? null : Instant.ofEpochMilli(epochMs);
    }

    private static JsonNode read(byte[] json) {
        try {
            return Json.read(json, 0, json.length);
        } catch (ProtocolException e) {
            throw new IllegalStateException("the store gave back something that is not JSON", e);
        }
    }
}
