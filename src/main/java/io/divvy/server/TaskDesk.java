package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Failure;
import io.divvy.guard.Outcome;
import io.divvy.net.EventLoop;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ErrorText;
import io.divvy.protocol.Json;
import io.divvy.protocol.Progress;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.TaskExplanation;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.protocol.TreeSize;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Explanation;
import io.divvy.scheduler.Refusal;
import io.divvy.server.session.Addressee;
import io.divvy.server.session.OpenTask;
import io.divvy.server.session.TaskWatcher;
import io.divvy.server.session.Tasks;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskNotes;
import io.divvy.store.TaskStore;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What senders can do with tasks, whichever door they came through: submit, look, watch, cancel. On the loop's thread;
 * answers come to callbacks, often before the call returns.
 */
final class TaskDesk implements Tasks {
    private static final Logger LOG = LoggerFactory.getLogger(TaskDesk.class);
    /** For who does not look at the result. */
    private static final long NO_RESULT = -1;

    private static final long BUSY_RETRY_MS = 1_000;
    /** What a byte of a tree in memory is at most once it is written: an escape of six characters. */
    private static final long MOST_WRITTEN_BYTES = 6;

    private final SchedulerDriver driver;
    private final TaskStore store;
    private final TaskTypes types;
    private final TypeLanes lanes;
    private final TaskViews views;
    private final TaskIds ids;
    private final Timer timer;
    private final TaskNames names;
    /** Of unfinished tasks, and of those that wait to be accepted. */
    private final Map<TaskId, TaskWork> works = new HashMap<>();

    private final Map<Long, Submission> submissions = new HashMap<>();
    private final KeyLookups keys;
    private final TaskWatchers watchers;
    private long lastRequest;

    /** Does something at a time, unless it is cancelled before. */
    interface Timer {
        EventLoop.Scheduled schedule(long dueMs, Runnable action);
    }

    /** A submission that the core has not answered yet, with the id that its task has if it is a new one. */
    private record Submission(TaskId id, SubmitReply reply) {}

    TaskDesk(
            SchedulerDriver driver,
            TaskStore store,
            TaskTypes types,
            TypeLanes lanes,
            TaskViews views,
            TaskIds ids,
            Timer timer,
            ByteBudget submissionRoom,
            TaskWatchers watchers) {
        this.driver = driver;
        this.store = store;
        this.types = types;
        this.lanes = lanes;
        this.views = views;
        this.ids = ids;
        this.timer = timer;
        this.watchers = watchers;
        this.names = new TaskNames(driver, store);
        this.keys = new KeyLookups(store, driver.scheduler()::isTaken, submissionRoom);
    }

    @Override
    public void submit(TaskObject object, SubmitReply reply) {
        String key = object.key();
        submit(object, key == null ? null : SubmitKey.key(key), reply);
    }

    @Override
    public void submit(TaskObject object, @Nullable SubmitKey key, SubmitReply reply) {
        TaskType type = types.find(object.type());
        long paramsBytes = TreeSize.of(object.params());
        try {
            requireSendable(object, paramsBytes);
            requireSplittable(object, type);
        } catch (ProtocolException e) {
            reply.refused(e.code(), String.valueOf(e.getMessage()), null);
            return;
        }
        TaskLanes taskLanes = lanes.of(object);
        TypeLane lane = taskLanes.lane();
        List<JsonNode> payloads = object.payloads();
        long waitingBytes = lane.isForeign() && payloads != null
                ? paramsBytes + ResultValues.of(payloads).sizeBytes()
                : paramsBytes;
        lane.call(
                "split",
                waitingBytes,
                () -> TaskWork.prepare(object, type, taskLanes),
                outcome -> tell(reply, () -> {
                    if (outcome instanceof Outcome.Returned<TaskWork> prepared) {
                        submit(prepared.value(), key, reply);
                    } else if (outcome instanceof Outcome.Failed<TaskWork> failed) {
                        refuse(object, failed.failure(), reply);
                    }
                }));
    }

    private static void refuse(TaskObject object, Failure failure, SubmitReply reply) {
        if (failure.cause() instanceof RefusedException refused) {
            reply.refused(refused.code(), String.valueOf(refused.getMessage()), refused.retryAfterMs());
        } else {
            LOG.warn("the code of the task type {} failed to split a task: {}", object.type(), failure);
            reply.refused(ErrorCode.INVALID_TASK, "the code of the task's type failed: " + failure, null);
        }
    }

    /** The task is split. */
    private void submit(TaskWork work, @Nullable SubmitKey key, SubmitReply reply) {
        String fingerprint = key == null ? "" : work.object().fingerprint(work.count());
        TaskSpec spec = spec(new TaskId(ids.next()), key, work, fingerprint);
        if (key == null) {
            handOver(spec, work, reply);
        } else {
            keys.look(new KeyLookups.Submission(
                    key,
                    work.size().bytes(),
                    finished -> tell(
                            reply,
                            () -> finished.ifPresentOrElse(
                                    known -> submitFinished(key, spec, known, reply),
                                    () -> handOver(spec, work, reply))),
                    why -> tell(
                            reply,
                            () -> reply.refused(why.code(), String.valueOf(why.getMessage()), why.retryAfterMs()))));
        }
    }

    private void requireSplittable(TaskObject object, @Nullable TaskType type) throws ProtocolException {
        if (type == null && object.payloads() == null) {
            throw new ProtocolException(
                    ErrorCode.UNKNOWN_TASK_TYPE,
                    "task.type: this server has no type \"" + object.type() + "\"; expected one of "
                            + String.join(", ", types.names()) + ", or payloads in the task");
        }
    }

    /** Params go to workers in one frame, written out by us: escapes may make them longer than they came. */
    private static void requireSendable(TaskObject object, long paramsBytes) throws ProtocolException {
        if (MOST_WRITTEN_BYTES * paramsBytes <= ProtocolLimits.MAX_PARAMS_BYTES) {
            return;
        }
        int bytes = Json.write(object.params()).length;
        if (bytes > ProtocolLimits.MAX_PARAMS_BYTES) {
            throw new ProtocolException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "task.params: they have " + bytes + " bytes, expected at most " + ProtocolLimits.MAX_PARAMS_BYTES
                            + "; keep large data elsewhere and say where");
        }
    }

    /** The core takes it as a new task, or answers with the open one that has its key. */
    private void handOver(TaskSpec spec, TaskWork work, SubmitReply reply) {
        long request = ++lastRequest;
        works.put(spec.id(), work);
        submissions.put(request, new Submission(spec.id(), reply));
        driver.handle(new Event.TaskSubmitted(request, spec, work.size()));
    }

    private static void submitFinished(SubmitKey key, TaskSpec spec, StoredTask stored, SubmitReply reply) {
        TaskSpec known = stored.task().spec();
        if (known.fingerprint().equals(spec.fingerprint())) {
            reply.accepted(known.id(), stored.task().ledger().total(), false);
        } else {
            reply.refused(ErrorCode.CONFLICT, key.conflictWith(known.id()), null);
        }
    }

    static TaskSpec spec(TaskId id, @Nullable SubmitKey key, TaskWork work, String fingerprint) {
        TaskObject object = work.object();
        return new TaskSpec(
                id,
                object.type(),
                work.isDerivable(),
                key,
                fingerprint,
                work.folding().isExact() ? TaskSpec.FoldOrder.ANY : TaskSpec.FoldOrder.ASCENDING,
                work.isFoldable(),
                work.folding().keepsResults(),
                work.earlyEnd(),
                TaskSpec.OnFailure.valueOf(object.onFailure().name()),
                object.priority(),
                object.maxAttempts(),
                object.subtaskTimeoutMs() == null ? 0 : object.subtaskTimeoutMs(),
                object.timeoutMs() == null ? 0 : object.timeoutMs());
    }

    @Override
    public <T> void named(String name, Act<T> act, Consumer<Optional<T>> answer, Consumer<RefusedException> refused) {
        names.act(name, act, answer, refused);
    }

    @Override
    public void find(TaskId id, Consumer<Optional<Supplier<TaskView>>> found, Consumer<RefusedException> refused) {
        TaskSnapshot open = driver.scheduler().find(id);
        if (open == null) {
            store.findFinished(
                    id,
                    views.inlineResultBytes(),
                    stored -> found.accept(stored.map(task -> () -> views.finished(task))),
                    failure -> refused.accept(Refusals.of(failure)));
        } else {
            TaskNotes notes = work(id).notes();
            found.accept(Optional.of(() -> views.open(open, notes)));
        }
    }

    /** The result of a task as it is stored. */
    void result(TaskId id, Consumer<Optional<TaskResult>> found, Consumer<RefusedException> refused) {
        TaskSnapshot open = driver.scheduler().find(id);
        if (open == null) {
            store.openResult(
                    id,
                    opened -> found.accept(opened.map(result -> TaskResult.of(result.task(), result.result()))),
                    failure -> refused.accept(Refusals.of(failure)));
        } else {
            found.accept(Optional.of(TaskResult.of(open, null)));
        }
    }

    /** Why the task is not finished. */
    void explain(TaskId id, Consumer<Optional<TaskExplanation>> found, Consumer<RefusedException> refused) {
        List<Explanation> reasons = driver.scheduler().explain(id);
        TaskSnapshot open = driver.scheduler().find(id);
        if (reasons != null && open != null) {
            found.accept(Optional.of(new TaskExplanation(id.value(), stateName(open), Reasons.of(reasons))));
        } else {
            store.findFinished(
                    id,
                    NO_RESULT,
                    stored -> found.accept(stored.map(task -> new TaskExplanation(
                            id.value(),
                            stateName(task.task()),
                            List.of(Reasons.finished(task.task().state()))))),
                    failure -> refused.accept(Refusals.of(failure)));
        }
    }

    private static String stateName(TaskSnapshot task) {
        return task.state().name().toLowerCase(Locale.ROOT);
    }

    /** Forgets a finished task. Empty if there is none of that id. */
    void delete(TaskId id, Consumer<Optional<Deletion>> answer) {
        if (driver.scheduler().find(id) != null) {
            answer.accept(Optional.of(Deletion.NOT_FINISHED));
        } else {
            store.deleteFinished(
                    id, deleted -> answer.accept(deleted ? Optional.of(Deletion.DELETED) : Optional.empty()));
        }
    }

    /** What became of a wish to forget a task. */
    enum Deletion {
        DELETED,
        NOT_FINISHED
    }

    @Override
    public void watch(TaskId id, TaskWatcher watcher, Consumer<Boolean> exists, Consumer<RefusedException> refused) {
        RefusedException busy = roomToWatch(id);
        if (busy != null) {
            refused.accept(busy);
        } else {
            watchInAnyCase(id, watcher, exists, refused);
        }
    }

    /** The same for one that waits for a moment only, as the task is ended, and makes room thereby. */
    void watchInAnyCase(TaskId id, TaskWatcher watcher, Consumer<Boolean> exists, Consumer<RefusedException> refused) {
        if (driver.scheduler().find(id) == null) {
            store.findFinished(
                    id,
                    watcher.longestResultBytes(),
                    stored -> tell(watcher, () -> {
                        exists.accept(stored.isPresent());
                        stored.ifPresent(watcher::onEnd);
                    }),
                    failure -> refused.accept(Refusals.of(failure)));
            return;
        }
        watchers.add(id, watcher);
        if (watcher.wantsProgress()) {
            wantProgress(id, watcher);
        }
        exists.accept(true);
    }

    @Override
    public @Nullable RefusedException roomToWatch(TaskId id) {
        return watchers.hasRoom(id)
                ? null
                : new RefusedException(
                        ErrorCode.BUSY,
                        "as many wait for unfinished tasks as the server has memory for (" + watchers.count()
                                + "); try again, or ask for the task's status now and then",
                        BUSY_RETRY_MS);
    }

    @Override
    public boolean hasRoomForAnswer() {
        return watchers.hasRoom();
    }

    @Override
    public void holdAnswer() {
        watchers.holdAnswer();
    }

    @Override
    public void letGoOfAnswers(int answers) {
        watchers.letGoOfAnswers(answers);
    }

    @Override
    public void wantProgress(TaskId id, TaskWatcher watcher) {
        watchers.addToProgress(id, watcher);
        driver.handle(new Event.ProgressWanted(id, true));
    }

    @Override
    public void unwatch(TaskId id, TaskWatcher watcher) {
        if (watchers.remove(id, watcher)) {
            driver.handle(new Event.ProgressWanted(id, false));
        }
    }

    /** The task is not wanted any more; its watchers hear of its end. */
    void cancel(TaskId id) {
        driver.handle(new Event.CancelRequested(id));
    }

    @Override
    public void cancel(
            TaskId id,
            long longestResultBytes,
            Consumer<Optional<StoredTask>> ended,
            Consumer<RefusedException> refused) {
        new Cancellation(this, id, longestResultBytes, ended, refused).start(timer, driver.nowMs());
    }

    @Override
    public @Nullable OpenTask open(TaskId id) {
        return works.get(id);
    }

    @Override
    public void broke(TaskId id, Failure failure) {
        driver.handle(new Event.TaskBroke(
                id,
                TaskFailure.Code.TASK_TYPE_FAILED,
                failure.cause() instanceof RefusedException refused
                        ? String.valueOf(refused.getMessage())
                        : ErrorText.bounded("the code of the task's type failed: " + failure)));
    }

    /** What is known of an unfinished task outside of the core. */
    TaskWork work(TaskId id) {
        TaskWork work = works.get(id);
        if (work == null) {
            throw new IllegalStateException("task " + id + " is not known");
        }
        return work;
    }

    /** A task of a former server goes on. */
    void restored(TaskId id, TaskWork work) {
        works.put(id, work);
    }

    int openTasks() {
        return works.size();
    }

    int waitingSubmissions() {
        return submissions.size();
    }

    int watcherCount() {
        return watchers.count();
    }

    boolean isOpen(TaskId id) {
        return works.containsKey(id);
    }

    // What the core answers, told by the EffectExecutor.

    void accepted(long request, TaskId task, long subtasks) {
        Submission submission = answered(request);
        boolean isNew = task.equals(submission.id());
        if (!isNew) {
            works.remove(submission.id());
        }
        SubmitReply reply = submission.reply();
        tell(reply, () -> reply.accepted(task, subtasks, isNew));
    }

    void refused(long request, Refusal refusal) {
        Submission submission = answered(request);
        works.remove(submission.id());
        SubmitReply reply = submission.reply();
        tell(
                reply,
                () -> reply.refused(
                        ErrorCode.valueOf(refusal.kind().name()), refusal.message(), refusal.retryAfterMs()));
    }

    void progressed(TaskId id, Progress progress) {
        watchers.ofProgress(id).forEach(watcher -> tell(watcher, () -> watcher.onProgress(id.value(), progress)));
    }

    void ended(StoredTask stored) {
        TaskId id = stored.task().spec().id();
        works.remove(id);
        watchers.removeAll(id).forEach(watcher -> tell(watcher, () -> watcher.onEnd(stored)));
    }

    /** That one cannot be told must not keep it from the others. */
    private static void tell(Addressee addressee, Runnable news) {
        try {
            news.run();
        } catch (RuntimeException | Error e) {
            addressee.letGo(e);
        }
    }

    private Submission answered(long request) {
        Submission submission = submissions.remove(request);
        if (submission == null) {
            throw new IllegalStateException("request " + request + " was answered twice or never made");
        }
        return submission;
    }
}
