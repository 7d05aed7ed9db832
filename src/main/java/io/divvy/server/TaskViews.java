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
        Progress.Draft progress = new Progress.Draft(ledger.total());
        progress.pending = ledger.pending();
        progress.leased = ledger.leased();
        progress.done = ledger.done();
        progress.failed = ledger.failed();
        progress.cancelled = ledger.cancelled();
        return progress.finish();
    }

    private static TaskView view(
            TaskSnapshot task, TaskNotes notes, @Nullable JsonNode result, @Nullable String resultAt) {
        TaskView.Draft view = new TaskView.Draft(
                task.spec().id().value(),
                task.spec().type(),
                task.state().name().toLowerCase(Locale.ROOT),
                progress(task.ledger()),
                Instant.ofEpochMilli(task.submittedMs()));
        view.alias = task.spec().alias();
        view.name = notes.name();
        view.labels = notes.labels();
        view.retries = task.retries();
        view.duplicates = task.duplicates();
        view.priority = task.spec().priority();
        view.paused = task.spec().paused() && !task.state().isTerminal();
        view.result = result;
        view.resultAt = resultAt;
        view.failedRanges = task.failedRanges().stream()
                .map(range -> List.of(range.from(), range.to()))
                .toList();
        view.error = TaskErrors.of(task.failure());
        long notBeforeMs = task.state().isTerminal() ? 0 : task.spec().notBeforeMs();
        view.notBefore = notBeforeMs == 0 ? null : Instant.ofEpochMilli(notBeforeMs);
        view.startedAt = instant(task.startedMs());
        view.finishedAt = instant(task.finishedMs());
        return view.finish();
    }

    private static @Nullable Instant instant(@Nullable Long epochMs) {
        return epochMs == null ? null : Instant.ofEpochMilli(epochMs);
    }
}
