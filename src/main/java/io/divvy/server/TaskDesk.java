package io.divvy.server;

import io.divvy.guard.Failure;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ErrorText;
import io.divvy.protocol.Progress;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.TaskExplanation;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Explanation;
import io.divvy.scheduler.Refusal;
import io.divvy.server.session.OpenTask;
import io.divvy.server.session.TaskWatcher;
import io.divvy.server.session.Tasks;
import io.divvy.server.session.Tasks.SubmitReply;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskFailures;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskNotes;
import io.divvy.store.TaskStore;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What senders can do with tasks, over TCP or HTTP: submit, look, watch, cancel. On the loop's thread;
 * answers come to callbacks, often before the call returns.
 */
final class TaskDesk implements Tasks {
    /** For who does not look at the result. */
    private static final long NO_RESULT = -1;

    private final SchedulerDriver driver;
    private final TaskStore store;
    private final TaskViews views;
    private final TaskNames names;
    private final Submissions submissions;
    private final TaskWorks works;
    private final WatchDesk watching;
    private final PatchRequests patches;
    private final Reruns reruns;

    /** How tasks are found by what people call them, and how they are shown. */
    record Lookup(TaskNames names, TaskViews views) {}

    TaskDesk(SchedulerDriver driver, TaskStore store, Lookup lookup, Submissions submissions, WatchDesk watching) {
        this.driver = driver;
        this.store = store;
        this.views = lookup.views;
        this.names = lookup.names;
        this.submissions = submissions;
        this.works = submissions.works();
        this.watching = watching;
        this.patches = new PatchRequests(driver, works);
        this.reruns = new Reruns(driver, store);
    }

    @Override
    public void submit(TaskObject object, SubmitReply reply) {
        submit(object, HeadStart.NONE, reply);
    }

    @Override
    public void submit(TaskObject object, @Nullable SubmitKey key, SubmitReply reply) {
        submissions.submit(object, key, reply);
    }

    /** @param headStart what of it need not be done */
    void submit(TaskObject object, HeadStart headStart, SubmitReply reply) {
        String key = object.key();
        submissions.submit(object, headStart, key == null ? null : SubmitKey.key(key), reply);
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
            TaskWork work = work(id);
            TaskNotes notes = work.notes();
            TaskFailures failures = driver.scheduler().failures(id);
            found.accept(Optional.of(() -> views.open(open, notes, work.texts, failures)));
        }
    }

    @Override
    public TaskView view(TaskId open) {
        TaskSnapshot task = Objects.requireNonNull(driver.scheduler().find(open), "a task that has not ended");
        TaskWork work = work(open);
        return views.open(task, work.notes(), work.texts, driver.scheduler().failures(open));
    }

    @Override
    public TaskView view(StoredTask ended) {
        return views.finished(ended);
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

    /** What is remembered of the failed attempts of a task. */
    void failures(
            TaskId id, Consumer<Optional<Supplier<TaskStore.Failures>>> found, Consumer<RefusedException> refused) {
        if (driver.scheduler().find(id) == null) {
            store.findFailures(
                    id,
                    stored -> found.accept(stored.map(failures -> () -> failures)),
                    failure -> refused.accept(Refusals.of(failure)));
        } else {
            TaskFailures failures = driver.scheduler().failures(id);
            found.accept(Optional.of(() -> new TaskStore.Failures(FailureText.all(failures))));
        }
    }

    Reruns reruns() {
        return reruns;
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

    /** Changes an unfinished task. Hears of the task as it is once that is durable; empty if there is none of that id. */
    void patch(
            TaskId id,
            TaskPatch patch,
            Consumer<Optional<Supplier<TaskView>>> patched,
            Consumer<RefusedException> refused) {
        if (driver.scheduler().find(id) == null) {
            store.findFinished(
                    id,
                    NO_RESULT,
                    stored -> stored.ifPresentOrElse(
                            ended -> refused.accept(new RefusedException(
                                    ErrorCode.CONFLICT,
                                    "task " + id + " is " + stateName(ended.task())
                                            + "; only an unfinished task can be changed",
                                    null)),
                            () -> patched.accept(Optional.empty())),
                    failure -> refused.accept(Refusals.of(failure)));
        } else {
            patches.ask(
                    id,
                    patch,
                    () -> find(id, patched, refused),
                    refusal -> refused.accept(new RefusedException(
                            ErrorCode.valueOf(refusal.kind().name()), refusal.message(), refusal.retryAfterMs())));
        }
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
        watching.watch(id, watcher, exists, refused);
    }

    @Override
    public void wantProgress(TaskId id, TaskWatcher watcher) {
        watching.wantProgress(id, watcher);
    }

    @Override
    public void unwatch(TaskId id, TaskWatcher watcher) {
        watching.unwatch(id, watcher);
    }

    @Override
    public boolean hasRoomForAnswer() {
        return watching.watchers().hasRoom();
    }

    @Override
    public void holdAnswer() {
        watching.watchers().holdAnswer();
    }

    @Override
    public void letGoOfAnswers(int answers) {
        watching.watchers().letGoOfAnswers(answers);
    }

    @Override
    public void cancel(
            TaskId id,
            long longestResultBytes,
            Consumer<Optional<StoredTask>> ended,
            Consumer<RefusedException> refused) {
        new Cancellation(watching, id, longestResultBytes, ended, refused).start();
    }

    @Override
    public @Nullable OpenTask open(TaskId id) {
        return works.find(id);
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

    /** The task cannot go on, and that is nobody's fault but the server's. */
    void mistaken(TaskId id, Throwable cause) {
        driver.handle(new Event.TaskBroke(
                id, TaskFailure.Code.INTERNAL, Refusals.text("the server could not go on with the task", cause)));
    }

    /** What is known of an unfinished task outside of the core. */
    TaskWork work(TaskId id) {
        return works.get(id);
    }

    /** A task of a former server goes on. */
    void restored(TaskId id, TaskWork work) {
        works.add(id, work);
    }

    DeskGauges gauges() {
        return new DeskGauges(
                works.count(), submissions.count(), watching.watchers().count());
    }

    /** Changes of tasks of which it is not known yet that they are durable. For tests. */
    int unansweredPatches() {
        return patches.count();
    }

    /** How tasks are shown. */
    TaskViews views() {
        return views;
    }

    boolean isOpen(TaskId id) {
        return works.find(id) != null;
    }

    // What the core answers, told by the EffectExecutor.

    void accepted(long request, TaskId task, long subtasks) {
        submissions.accepted(request, task, subtasks);
    }

    void refused(long request, Refusal refusal) {
        submissions.refused(request, refusal);
    }

    void patchAnswered(long request, @Nullable Refusal refusal) {
        patches.answered(request, refusal);
    }

    void progressed(TaskId id, Progress progress) {
        watching.progressed(id, progress);
    }

    void ended(StoredTask stored) {
        works.remove(stored.task().spec().id());
        watching.ended(stored);
    }
}
