package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.Progress;
import io.divvy.protocol.TaskView;
import io.divvy.server.session.TaskErrors;
import io.divvy.state.Ledger;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskFailures;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
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
    TaskView open(TaskSnapshot task, TaskNotes notes, TaskTexts texts, @Nullable TaskFailures failures) {
        TaskView.Draft view = draft(task, notes);
        view.input = written(texts.input());
        view.failureKinds = written(FailureText.kinds(failures));
        return view.finish();
    }

    /** The same for a list, without what may be long. */
    TaskView listed(TaskSnapshot task, TaskNotes notes, TaskTexts texts) {
        TaskView.Draft view = draft(task, notes);
        view.input = written(texts.listedInput());
        return view.finish();
    }

    TaskView finished(StoredTask stored) {
        TaskView.Draft view = draft(stored.task(), stored.notes());
        view.input = written(stored.texts().input());
        view.failureKinds = written(stored.texts().failureKinds());
        byte[] result = stored.result();
        if (result != null && result.length <= inlineResultBytes) {
            view.result = Json.written(result);
        } else if (stored.task().state() == TaskSnapshot.State.COMPLETED) {
            view.resultAt = TaskView.resultPath(stored.task().spec().id().value());
        }
        return view.finish();
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

    private static TaskView.Draft draft(TaskSnapshot task, TaskNotes notes) {
        TaskSpec spec = task.spec();
        SubmitKey key = spec.submitKey();
        TaskView.Draft view = new TaskView.Draft(
                spec.id().value(),
                spec.type(),
                task.state().name().toLowerCase(Locale.ROOT),
                progress(task.ledger()),
                Instant.ofEpochMilli(task.submittedMs()));
        view.alias = spec.alias();
        view.name = notes.name();
        view.labels = notes.labels();
        view.retries = task.retries();
        view.duplicates = task.duplicates();
        view.priority = spec.priority();
        view.paused = spec.paused() && !task.state().isTerminal();
        view.key = key != null && key.scope() == SubmitKey.Scope.KEY ? key.text() : null;
        view.maxAttempts = spec.maxAttempts();
        view.subtaskTimeoutMs = spec.subtaskTimeoutMs() == 0 ? null : (Long) spec.subtaskTimeoutMs();
        view.timeoutMs = spec.timeoutMs() == 0 ? null : (Long) spec.timeoutMs();
        view.onFailure = spec.onFailure().name().toLowerCase(Locale.ROOT);
        view.failedRanges = task.failedRanges().stream()
                .map(range -> List.of(range.from(), range.to()))
                .toList();
        view.error = TaskErrors.of(task.failure());
        long notBeforeMs = task.state().isTerminal() ? 0 : spec.notBeforeMs();
        view.notBefore = notBeforeMs == 0 ? null : Instant.ofEpochMilli(notBeforeMs);
        view.startedAt = instant(task.startedMs());
        view.finishedAt = instant(task.finishedMs());
        return view;
    }

    private static @Nullable JsonNode written(byte @Nullable [] json) {
        return json == null ? null : Json.written(json);
    }

    private static @Nullable Instant instant(@Nullable Long epochMs) {
        return epochMs == null ? null : Instant.ofEpochMilli(epochMs);
    }
}
