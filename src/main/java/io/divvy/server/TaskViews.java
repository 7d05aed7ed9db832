package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.Progress;
import io.divvy.protocol.TaskView;
import io.divvy.server.session.TaskErrors;
import io.divvy.state.Ledger;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskNotes;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes what is shown of a task from what the core and the store know. From any thread.
 *
 * @param inlineResultBytes of a result that a view still carries
 */
record TaskViews(long inlineResultBytes) {
    TaskView open(TaskSnapshot task, TaskNotes notes) {
        return view(task, notes, null, null);
    }

    TaskView finished(StoredTask stored) {
        byte[] result = stored.result();
        JsonNode inline = result == null || result.length > inlineResultBytes ? null : Json.written(result);
        boolean hasResult = stored.task().state() == TaskSnapshot.State.COMPLETED;
        return view(
                stored.task(),
                stored.notes(),
                inline,
                !hasResult || inline != null
                        ? null
                        : TaskView.resultPath(stored.task().spec().id().value()));
    }

    static Progress progress(Ledger ledger) {
        return new Progress(
                ledger.total(), ledger.pending(), ledger.leased(), ledger.done(), ledger.failed(), ledger.cancelled());
    }

    private static TaskView view(
            TaskSnapshot task, TaskNotes notes, @Nullable JsonNode result, @Nullable String resultAt) {
        return new TaskView(
                task.spec().id().value(),
                task.spec().alias(),
                task.spec().type(),
                notes.name(),
                notes.labels(),
                task.state().name().toLowerCase(Locale.ROOT),
                progress(task.ledger()),
                task.retries(),
                task.duplicates(),
                task.spec().priority(),
                result,
                resultAt,
                task.failedRanges().stream()
                        .map(range -> List.of(range.from(), range.to()))
                        .toList(),
                TaskErrors.of(task.failure()),
                Instant.ofEpochMilli(task.submittedMs()),
                instant(task.startedMs()),
                instant(task.finishedMs()));
    }

    private static @Nullable Instant instant(@Nullable Long epochMs) {
        return epochMs == null ? null : Instant.ofEpochMilli(epochMs);
    }
}
