package io.divvy.store.sqlite;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.divvy.state.Ledger;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import io.divvy.store.TaskNotes;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a task becomes columns of its row, and is made of them again. */
final class TaskColumns {
    /** What stays as it was when the task was created. */
    static final String FIXED =
            "id, submitter, submit_key, fingerprint, type, derivable, fold_order, foldable, keeps_results,"
                    + " early_end, on_failure, priority, max_attempts, subtask_timeout_ms, timeout_ms, name, labels, submitted_ms";

    /** What the end of the task decides. */
    static final String CHANGING = "state, subtasks, pending, leased, done, failed, cancelled, retries, duplicates,"
            + " started_ms, finished_ms, failed_ranges, failure_code, failure_message, failure_subtask,"
            + " failure_worker, failure_attempts";

    static final int FIXED_COUNT = 18;

    static final int CHANGING_COUNT = 17;

    static final int COUNT = FIXED_COUNT + CHANGING_COUNT;

    /** {@link #CHANGING} of a task that {@link #isNew}: each column less to bind is time of the writer. */
    static final String NEW =
            "state, subtasks, pending, leased, done, failed, cancelled, retries, duplicates, failed_ranges";

    static final String NEW_VALUES = "?, ?, ?, 0, 0, 0, 0, 0, 0, x''";

    /** The submitter of what comes in dialect 1. {@link Schema} writes it too. */
    private static final String PLAIN_SENDERS = "plain";

    private static final int ID_AT = 1;
    private static final int LABELS_AT = 17;
    private static final int SUBMITTED_MS_AT = 18;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

    private TaskColumns() {}

    /** A task with what people call it. */
    record Described(TaskSnapshot task, TaskNotes notes) {}

    static void bindFixed(Bindings to, TaskSnapshot task, TaskNotes notes) throws SQLException {
        TaskSpec spec = task.spec();
        to.text(spec.id().value())
                .text(submitter(spec.submitKey()))
                .text(spec.submitKey() == null ? null : spec.submitKey().text())
                .text(spec.fingerprint())
                .text(spec.type())
                .flag(spec.derivable())
                .text(name(spec.foldOrder()))
                .flag(spec.foldable())
                .flag(spec.keepsResults())
                .text(name(spec.earlyEnd()))
                .text(name(spec.onFailure()))
                .number(spec.priority())
                .number(spec.maxAttempts())
                .number(spec.subtaskTimeoutMs())
                .number(spec.timeoutMs())
                .text(notes.name())
                .text(labels(notes.labels()))
                .number(task.submittedMs());
    }

    /** Whether nothing was done of the task yet. */
    static boolean isNew(TaskSnapshot task) {
        return task.startedMs() == null
                && task.finishedMs() == null
                && task.ledger().pending() == task.ledger().total();
    }

    static void bindNew(Bindings to, TaskSnapshot task) throws SQLException {
        Ledger ledger = task.ledger();
        to.text(name(task.state())).number(ledger.total()).number(ledger.pending());
    }

    static void bindChanging(Bindings to, TaskSnapshot task) throws SQLException {
        Ledger ledger = task.ledger();
        TaskFailure failure = task.failure();
        to.text(name(task.state()))
                .number(ledger.total())
                .number(ledger.pending())
                .number(ledger.leased())
                .number(ledger.done())
                .number(ledger.failed())
                .number(ledger.cancelled())
                .number(task.retries())
                .number(task.duplicates())
                .numberOrNull(task.startedMs())
                .numberOrNull(task.finishedMs())
                .bytes(Numbers.ofRanges(task.failedRanges()))
                .text(failure == null ? null : name(failure.code()))
                .text(failure == null ? null : failure.message())
                .numberOrNull(failure == null ? null : failure.subtask())
                .text(failure == null ? null : failure.worker())
                .numberOrNull(failure == null ? null : failure.attempts());
    }

    /** Reads {@link #FIXED} and then {@link #CHANGING}. */
    static Described read(ResultSet result) throws SQLException {
        return read(new Row(result));
    }

    /** Where the task of a row of {@link #FIXED} stands in lists. */
    static TaskPosition position(ResultSet row) throws SQLException {
        return new TaskPosition(row.getLong(SUBMITTED_MS_AT), new TaskId(StoredText.unescape(row.getString(ID_AT))));
    }

    /** The labels of the task of a row of {@link #FIXED}. */
    static Map<String, String> labels(ResultSet row) throws SQLException {
        return labels(StoredText.unescape(row.getString(LABELS_AT)));
    }

    private static Described read(Row row) throws SQLException {
        TaskId id = new TaskId(row.text());
        SubmitKey submitKey = submitKey(row);
        String fingerprint = row.text();
        String type = row.text();
        TaskSpec spec = TaskSpec.of(id, type)
                .submittedAs(submitKey, fingerprint)
                .derivable(row.flag())
                .foldOrder(value(TaskSpec.FoldOrder.class, row.text()))
                .foldable(row.flag())
                .keepsResults(row.flag())
                .earlyEnd(value(TaskSpec.EarlyEnd.class, row.text()))
                .onFailure(value(TaskSpec.OnFailure.class, row.text()))
                .priority((int) row.number())
                .maxAttempts((int) row.number())
                .subtaskTimeoutMs(row.number())
                .timeoutMs(row.number())
                .build();
        TaskNotes notes = new TaskNotes(row.textOrNull(), labels(row.text()));
        long submittedMs = row.number();
        TaskSnapshot.State state = value(TaskSnapshot.State.class, row.text());
        TaskSnapshot.Draft task = new TaskSnapshot.Draft(spec, state, ledger(row));
        task.submittedMs = submittedMs;
        task.retries = row.number();
        task.duplicates = row.number();
        task.startedMs = row.numberOrNull();
        task.finishedMs = row.numberOrNull();
        task.failedRanges = Numbers.toRanges(row.bytes());
        task.failure = failure(row);
        return new Described(task.finish(), notes);
    }

    private static Ledger ledger(Row row) throws SQLException {
        Ledger.Draft ledger = new Ledger.Draft(row.number());
        ledger.pending = row.number();
        ledger.leased = row.number();
        ledger.done = row.number();
        ledger.failed = row.number();
        ledger.cancelled = row.number();
        return ledger.finish();
    }

    private static @Nullable TaskFailure failure(Row row) throws SQLException {
        String code = row.textOrNull();
        String message = row.textOrNull();
        Long subtask = row.numberOrNull();
        String worker = row.textOrNull();
        Long attempts = row.numberOrNull();
        return code == null || message == null
                ? null
                : new TaskFailure(
                        value(TaskFailure.Code.class, code),
                        message,
                        subtask,
                        worker,
                        attempts == null ? null : (Integer) attempts.intValue());
    }

    /** Reads {@code submitter} and {@code submit_key}. */
    static @Nullable SubmitKey submitKey(Row row) throws SQLException {
        String submitter = row.text();
        String text = row.textOrNull();
        if (text == null) {
            return null;
        }
        return submitter.equals(PLAIN_SENDERS) ? SubmitKey.plainId(text) : SubmitKey.key(text);
    }

    /** In whose scope the key is: of all senders, until they have names, or of those of dialect 1 together. */
    static String submitter(@Nullable SubmitKey key) {
        return key != null && key.scope() == SubmitKey.Scope.PLAIN_ID ? PLAIN_SENDERS : "";
    }

    static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static <E extends Enum<E>> E value(Class<E> type, String name) {
        return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
    }

    static String labels(Map<String, String> labels) {
        try {
            return labels.isEmpty() ? "{}" : JSON.writeValueAsString(labels);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("labels are text, which is always JSON", e);
        }
    }

    static Map<String, String> labels(String json) throws SQLException {
        try {
            return json.equals("{}") ? Map.of() : JSON.readValue(json, LABELS);
        } catch (JsonProcessingException e) {
            throw new SQLException("the labels of a stored task are not JSON: " + json, e);
        }
    }
}
