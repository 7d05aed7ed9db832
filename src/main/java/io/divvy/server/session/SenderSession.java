package io.divvy.server.session;

import io.divvy.net.Peer;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.FromSender;
import io.divvy.protocol.Message;
import io.divvy.protocol.Progress;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.protocol.ToSender;
import io.divvy.state.TaskId;
import io.divvy.store.StoredTask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A sender that speaks protocol 2. When it goes away its tasks go on, and it can attach to them again. */
final class SenderSession extends Session implements FromSender.Handler {
    /** Waiting bytes from which on there are no more progress reports: some hundred reports of a turn fit below it. */
    private static final long PROGRESS_BELOW_BYTES = 1 << 16;

    private final Map<TaskId, Watcher> watchers = new LinkedHashMap<>();
    /** Requests of which it is not known yet whether they lead to a task to wait for. */
    private int undecided;
    /** Other requests that are not answered yet. */
    private int looks;
    /** Of all requests that are not answered yet, those that look for a task. */
    private int searches;
    /** Tasks that it cancels and that have not ended yet, with all requests that wait for that. */
    private final Map<TaskId, List<CancelRequest>> cancels = new HashMap<>();

    private record CancelRequest(Consumer<Optional<StoredTask>> answer, Consumer<RefusedException> refused) {}

    SenderSession(SessionContext context, Peer peer) {
        super(context, peer);
    }

    @Override
    protected void start() {
        welcome(peer.toString());
        updateIdleTimeout();
    }

    @Override
    protected void receive(byte[] bytes, int offset, int length) throws ProtocolException {
        FromSender.read(bytes, offset, length).dispatch(this);
    }

    @Override
    public void on(FromSender.Submit submit) {
        TaskObject task;
        try {
            task = TaskObject.read(submit.task());
        } catch (ProtocolException e) {
            refuse(new ProtocolException(e.code(), String.valueOf(e.getMessage()), submit.request()));
            return;
        }
        if (isFull(submit.request())) {
            return;
        }
        undecided++;
        boolean isSearch = task.key() != null;
        if (isSearch) {
            search();
        }
        context.tasks().submit(task, new Tasks.SubmitReply() {
            @Override
            public void accepted(TaskId id, long subtasks, boolean isNew) {
                decided(isSearch);
                RefusedException busy =
                        watchers.containsKey(id) ? null : context.tasks().roomToWatch(id);
                if (busy != null) { // It is a task that others wait for; asked again, it is found again.
                    refuse(submit.request(), busy);
                    answered();
                    return;
                }
                send(new ToSender.Accepted(submit.request(), id.value(), subtasks));
                watch(submit.request(), id, submit.progress());
                answered();
            }

            @Override
            public void letGo(Throwable cause) {
                breakOff(cause);
            }

            @Override
            public void refused(ErrorCode code, String message, @Nullable Long retryAfterMs) {
                decided(isSearch);
                send(new ErrorMessage(submit.request(), code, message, retryAfterMs));
                answered();
            }
        });
    }

    /**
     * Whether it waits for as many tasks as it may, once all is decided that it asked for before. It is told so: it can
     * still cancel some.
     */
    private boolean isFull(@Nullable Long request) {
        int most = context.terms().tasksPerSender();
        if (watchers.size() + undecided < most) {
            return false;
        }
        refuse(new ProtocolException(
                ErrorCode.LIMIT_EXCEEDED,
                "this connection waits for " + most + " tasks, as many as it may; try again when some have ended, or"
                        + " open another connection",
                request));
        return true;
    }

    @Override
    public void on(FromSender.Status status) {
        Tasks tasks = context.tasks();
        Tasks.Act<Supplier<TaskView>> find = tasks::find;
        looks++;
        search();
        tasks.named(
                status.taskId(),
                find,
                guarded(found -> {
                    answer(status.request(), status.taskId(), found);
                    looked();
                }),
                guarded(why -> {
                    refuse(status.request(), why);
                    looked();
                }));
    }

    @Override
    public void on(FromSender.Attach attach) {
        if (!watchers.containsKey(new TaskId(attach.taskId())) && isFull(attach.request())) {
            return;
        }
        undecided++;
        search();
        Tasks.Act<TaskId> act = (id, answer, refused) -> context.tasks()
                .find(
                        id,
                        guarded(found -> {
                            found.ifPresent(view -> answer(attach.request(), attach.taskId(), found));
                            answer.accept(found.map(view -> id));
                        }),
                        refused);
        context.tasks()
                .named(
                        attach.taskId(),
                        act,
                        guarded(found -> {
                            decided(true);
                            found.ifPresentOrElse(
                                    id -> watch(attach.request(), id, attach.progress()),
                                    () -> notFound(attach.request(), attach.taskId()));
                            answered();
                        }),
                        guarded(why -> {
                            decided(true);
                            refuse(attach.request(), why);
                            answered();
                        }));
    }

    @Override
    public void on(FromSender.Cancel cancel) {
        Tasks.Act<StoredTask> act = (id, answer, refused) -> {
            if (id.value().equals(cancel.taskId())) {
                cancel(id, answer, refused);
                return;
            }
            // The end will come under the task's id, which this sender may not know yet.
            context.tasks()
                    .find(
                            id,
                            guarded(found -> {
                                found.ifPresent(view -> answer(cancel.request(), cancel.taskId(), found));
                                cancel(id, answer, refused);
                            }),
                            refused);
        };
        looks++;
        search();
        context.tasks()
                .named(
                        cancel.taskId(),
                        act,
                        guarded(ended -> {
                            if (ended.isEmpty()) {
                                notFound(cancel.request(), cancel.taskId());
                            }
                            looked();
                        }),
                        guarded(why -> {
                            refuse(cancel.request(), why);
                            looked();
                        }));
    }

    /** However often it cancels the same task, it waits for the end of it once. */
    private void cancel(TaskId id, Consumer<Optional<StoredTask>> answer, Consumer<RefusedException> refused) {
        List<CancelRequest> sameTask = cancels.get(id);
        if (sameTask != null) {
            sameTask.add(new CancelRequest(answer, refused));
            return;
        }
        List<CancelRequest> requests = new ArrayList<>(1);
        requests.add(new CancelRequest(answer, refused));
        cancels.put(id, requests);
        boolean watching = watchers.containsKey(id);
        context.tasks()
                .cancel(
                        id,
                        ProtocolLimits.MAX_FRAME_BYTES,
                        ended -> {
                            cancels.remove(id);
                            if (!watching) {
                                // One that watches the task hears of its end anyway.
                                ended.ifPresent(task -> peer.send(TaskFrames.end(task)));
                            }
                            requests.forEach(request -> request.answer().accept(ended));
                        },
                        why -> {
                            cancels.remove(id);
                            requests.forEach(request -> request.refused().accept(why));
                        });
    }

    private void looked() {
        looks--;
        searched();
        answered();
    }

    private void decided(boolean hasSearched) {
        undecided--;
        if (hasSearched) {
            searched();
        }
    }

    private void search() {
        searches++;
        if (searches >= SessionTerms.SEARCHES_OF_SENDER) {
            peer.pause();
        }
    }

    private void searched() {
        searches--;
        if (searches <= SessionTerms.SEARCHES_OF_SENDER / 2) {
            peer.resume();
        }
    }

    private void refuse(@Nullable Long request, RefusedException why) {
        send(new ErrorMessage(request, why.code(), String.valueOf(why.getMessage()), why.retryAfterMs()));
    }

    private void answer(@Nullable Long request, String asked, Optional<Supplier<TaskView>> found) {
        if (isOver()) {
            return; // A view may be large, and is written for nobody.
        }
        if (found.isEmpty()) {
            notFound(request, asked);
            return;
        }
        peer.send(TaskFrames.view(request, found.get().get()));
    }

    private void notFound(@Nullable Long request, String asked) {
        send(new ErrorMessage(
                request, ErrorCode.NOT_FOUND, "task_id: there is no task " + asked + ", or not any more", null));
    }

    private void watch(@Nullable Long request, TaskId id, boolean progress) {
        if (isOver()) {
            return; // It went away while the task was saved or looked for.
        }
        Watcher former = watchers.get(id);
        if (former != null) {
            // It waits for the task already, from another request; it hears of the end once.
            former.progress |= progress;
            if (progress) {
                context.tasks().wantProgress(id, former);
            }
            return;
        }
        Watcher watcher = new Watcher(progress);
        watchers.put(id, watcher);
        updateIdleTimeout();
        context.tasks()
                .watch(
                        id,
                        watcher,
                        guarded(exists -> {
                            if (!exists) {
                                forget(id);
                                answered();
                            }
                        }),
                        guarded(why -> {
                            forget(id);
                            refuse(request, why);
                            answered();
                        }));
    }

    private void forget(TaskId id) {
        watchers.remove(id);
        updateIdleTimeout();
    }

    /** A sender that waits for a task may be silent for as long as that takes. */
    private void updateIdleTimeout() {
        peer.setIdleTimeoutMs(watchers.isEmpty() ? context.terms().idleSenderMs() : Long.MAX_VALUE);
    }

    @Override
    public boolean onInputEnd() {
        return stayUntilAnswered();
    }

    @Override
    protected boolean owesAnswers() {
        return !watchers.isEmpty() || undecided > 0 || looks > 0;
    }

    @Override
    protected Message errorMessage(ProtocolException error) {
        return new ErrorMessage(error);
    }

    @Override
    protected void closed(String reason) {
        watchers.forEach((task, watcher) -> context.tasks().unwatch(task, watcher));
        watchers.clear();
    }

    private final class Watcher implements TaskWatcher {
        private boolean progress;

        Watcher(boolean progress) {
            this.progress = progress;
        }

        @Override
        public void letGo(Throwable cause) {
            breakOff(cause);
        }

        @Override
        public boolean wantsProgress() {
            return progress;
        }

        @Override
        public void onProgress(String taskId, Progress report) {
            // A sender that is slow to read gets fewer reports, not a longer queue.
            if (peer.outboundBytes() < PROGRESS_BELOW_BYTES) {
                send(new ToSender.ProgressReport(taskId, report));
            }
        }

        @Override
        public long longestResultBytes() {
            return ProtocolLimits.MAX_FRAME_BYTES;
        }

        @Override
        public void onEnd(StoredTask task) {
            watchers.remove(task.task().spec().id());
            updateIdleTimeout();
            peer.send(TaskFrames.end(task));
            answered();
        }
    }
}
