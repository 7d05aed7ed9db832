package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Failure;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.protocol.ToWorker.TaskDescription;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.RangeFolder;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A task as it was described to a worker over one connection. */
final class WorkerTask {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerTask.class);
    private static final double WEIGHT = 0.2;
    /** Quick subtasks do not cost a message each, and slow ones do not wait for each other. */
    private static final double BATCH_NANOS = 5e6;
    /** A batch that is folded is one small answer, however large it is; half a hundred a second cost nothing. */
    private static final double FOLDED_BATCH_NANOS = 20e6;

    private final TaskDescription description;
    private final TaskType type;

    /** Made by this worker's own split, or null if payloads come with each lease. */
    private final @Nullable Subtasks derived;

    /** How ranges are done at once, or null where they must not be. */
    private volatile @Nullable RangeFolder folder;

    /** An exponentially weighted mean, 0 while it is not known. Slots race to update it: any of their values will do. */
    private volatile double subtaskNanos;

    private WorkerTask(
            TaskDescription description, TaskType type, @Nullable Subtasks derived, @Nullable RangeFolder folder) {
        this.description = description;
        this.type = type;
        this.derived = derived;
        this.folder = folder;
    }

    /**
     * Splits the task here, so that payloads need not be sent, and asks how ranges are done at once. Runs the type's code.
     *
     * @param doubt hears of a failure of that code that puts this whole process in doubt
     */
    static WorkerTask deriving(TaskDescription description, TaskType type, Consumer<Failure> doubt) {
        Subtasks derived = derive(description, type, doubt);
        // The time of one subtask can only be taken where it runs alone.
        boolean mayFold = derived != null && description.fold() && description.subtaskTimeoutMs() == null;
        return new WorkerTask(description, type, derived, mayFold ? folder(description, type, doubt) : null);
    }

    /** Its payloads come with each lease. */
    static WorkerTask withoutDeriving(TaskDescription description, TaskType type) {
        return new WorkerTask(description, type, null, null);
    }

    private static @Nullable Subtasks derive(TaskDescription description, TaskType type, Consumer<Failure> doubt) {
        Outcome<Subtasks> outcome = Guard.call(() -> {
            Subtasks subtasks = type.split(description.params().deepCopy(), description.subtasks());
            if (subtasks.count() != description.subtasks()) {
                throw new InvalidParamsException(
                        "it makes " + subtasks.count() + " subtasks of it, and the server " + description.subtasks());
            }
            return subtasks;
        });
        if (outcome instanceof Outcome.Returned<Subtasks> returned) {
            return returned.value();
        }
        Failure failure = ((Outcome.Failed<Subtasks>) outcome).failure();
        LOG.info(
                "task {}: this worker's {} cannot split it ({}); it needs payloads",
                description.taskId(),
                description.taskType(),
                failure);
        doubt.accept(failure);
        return null;
    }

    private static @Nullable RangeFolder folder(TaskDescription description, TaskType type, Consumer<Failure> doubt) {
        AtomicReference<RangeFolder> folder = new AtomicReference<>();
        Failure failure = Guard.run(() -> folder.set(type.rangeFolder()));
        if (failure != null) {
            LOG.info(
                    "task {}: this worker's {} does not say how it folds ranges ({}); its subtasks are run one by one",
                    description.taskId(),
                    description.taskType(),
                    failure);
            doubt.accept(failure);
        }
        return folder.get();
    }

    String id() {
        return description.taskId();
    }

    TaskType type() {
        return type;
    }

    /** Whether the other is cut into the same subtasks. A server that keeps its tasks in memory may get another task under an old id. */
    boolean isSameAs(WorkerTask other) {
        return description.taskType().equals(other.description.taskType())
                && description.params().equals(other.description.params())
                && description.subtasks() == other.description.subtasks();
    }

    /** Whether its payloads can be made here. */
    boolean isDerivable() {
        return derived != null;
    }

    /** The payload that its own split gives an index. */
    JsonNode payload(long index) {
        if (derived == null) {
            throw new IllegalStateException("a lease of task " + id() + " came without payloads");
        }
        return derived.payload(index);
    }

    /** Whether a range of it can be done at once. */
    boolean folds() {
        return folder != null;
    }

    /** The combined result of a range. */
    JsonNode fold(long from, long to, TaskContext context) throws Exception {
        RangeFolder ofType = folder;
        if (derived == null || ofType == null) {
            throw new IllegalStateException("task " + id() + " is not to be folded");
        }
        return ofType.foldRange(derived, from, to, context);
    }

    /** From now on its subtasks are run one by one. */
    void stopFolding() {
        folder = null;
    }

    /** How long a batch should take. */
    double batchNanos() {
        return folder == null ? BATCH_NANOS : FOLDED_BATCH_NANOS;
    }

    /** 0 for none. */
    long subtaskTimeoutMs() {
        Long timeoutMs = description.subtaskTimeoutMs();
        return timeoutMs == null ? 0 : timeoutMs;
    }

    void measured(double nanosPerSubtask) {
        double known = subtaskNanos;
        // A range that is folded costs less the longer it is: what is known of short ones is soon wrong.
        if (folder != null && nanosPerSubtask < known) {
            known = 0;
        }
        subtaskNanos = known == 0 ? nanosPerSubtask : WEIGHT * nanosPerSubtask + (1 - WEIGHT) * known;
    }

    /** How long one subtask takes, or 0 while that is not known. */
    double subtaskNanos() {
        return subtaskNanos;
    }
}
