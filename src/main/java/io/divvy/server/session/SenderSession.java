package io.divvy.server.session;

import io.divvy.net.Peer;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.FromSender;
import io.divvy.protocol.Message;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.protocol.ToSender;
import io.divvy.state.TaskId;
import io.divvy.store.StoredTask;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A sender that speaks protocol 2. When it goes away its tasks go on, and it can attach to them again. */
final class SenderSession extends Session implements FromSender.Handler {
    /** At once, nearly: nothing has to become free before. */
    private static final long DELETED_RETRY_MS = 100;

    private final AwaitedTasks awaited = new AwaitedTasks(this, this::waitsForOthers);
    /** Requests of which it is not known yet whether they lead to a task to wait for. */
    private int undecided;
    /** Other requests that are not answered yet. */
    private int looks;
    /** Of all requests that are not answered yet, those that look for a task. */
    private int searches;

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
                AwaitedTasks.Wish wish = new AwaitedTasks.Wish(
                        view -> {
                            decided(isSearch);
                            send(new ToSender.Accepted(submit.request(), id.value(), subtasks));
                        },
                        () -> refused(
                                ErrorCode.BUSY,
                                "task " + id + " has just been deleted; submit it again",
                                DELETED_RETRY_MS),
                        why -> refused(why.code(), String.valueOf(why.getMessage()), why.retryAfterMs()));
                awaited.await(id, submit.progress(), wish);
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
        if (awaited.count() + undecided < most) {
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
        if (!awaited.contains(new TaskId(attach.taskId())) && isFull(attach.request())) {
            return;
        }
        undecided++;
        search();
        Tasks.Act<TaskId> act = (id, answer, refused) -> awaited.await(
                id,
                attach.progress(),
                new AwaitedTasks.Wish(
                        view -> {
                            show(attach.request(), view);
                            answer.accept(Optional.of(id));
                        },
                        () -> answer.accept(Optional.empty()),
                        refused));
        context.tasks()
                .named(
                        attach.taskId(),
                        act,
                        guarded(found -> {
                            decided(true);
                            if (found.isEmpty()) {
                                notFound(attach.request(), attach.taskId());
                            }
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
                awaited.cancel(id, answer, refused);
                return;
            }
            // The end will come under the task's id, which this sender may not know yet.
            context.tasks()
                    .find(
                            id,
                            guarded(found -> {
                                found.ifPresent(view -> answer(cancel.request(), cancel.taskId(), found));
                                awaited.cancel(id, answer, refused);
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
        show(request, found.get());
    }

    private void show(@Nullable Long request, Supplier<TaskView> view) {
        peer.send(TaskFrames.view(request, view.get()));
    }

    private void notFound(@Nullable Long request, String asked) {
        send(new ErrorMessage(
                request,
                ErrorCode.NOT_FOUND,
                "task_id: there is no task " + asked + ", or it ended and is not kept any more",
                null));
    }

    private void waitsForOthers() {
        updateIdleTimeout();
        answered();
    }

    /** A sender that waits for a task may be silent for as long as that takes. */
    private void updateIdleTimeout() {
        peer.setIdleTimeoutMs(awaited.count() == 0 ? context.terms().idleSenderMs() : Long.MAX_VALUE);
    }

    @Override
    public boolean onInputEnd() {
        return stayUntilAnswered();
    }

    @Override
    protected boolean owesAnswers() {
        return awaited.count() > 0 || undecided > 0 || looks > 0;
    }

    @Override
    protected Message errorMessage(ProtocolException error) {
        return new ErrorMessage(error);
    }

    @Override
    protected void closed(String reason) {
        awaited.letGo();
    }
}
