package io.divvy.server.session;

import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.net.Peer;
import io.divvy.protocol.AnswerPrefix;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.ErrorText;
import io.divvy.protocol.FromWorker;
import io.divvy.protocol.Hello;
import io.divvy.protocol.Message;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.ToWorker;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerIdentity;
import io.divvy.scheduler.WorkerTerms;
import io.divvy.state.TaskId;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker that speaks protocol 2. */
final class WorkerSession extends Session implements WorkerDoor, FromWorker.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerSession.class);

    private final WorkerId id;
    private final WorkerIdentity identity;
    private final String name;
    private final Hello.Worker hello;
    private final WorkerDoors.Entrance entrance;
    private final SaidInOrder said;
    /** Why its connection ended, while the core does not know that. */
    private @Nullable String leftBecause;

    /** @throws ProtocolException if there is no room for what the worker declares */
    WorkerSession(SessionContext context, Peer peer, Hello.Worker hello) throws ProtocolException {
        super(context, peer);
        this.entrance = context.doors().open(this, hello.name(), hello.instance(), hello.taskTypes(), hello.derives());
        this.id = entrance.id();
        this.identity = entrance.identity();
        this.name = identity.name();
        this.hello = hello;
        this.said = new SaidInOrder(peer, this::breakOff);
    }

    @Override
    protected void start() {
        welcome(Long.toString(id.value()));
        LOG.info("worker {} joined with {} slots, {}", name, hello.slots(), peer);
        WorkerTerms terms = WorkerTerms.heartbeatEvery(context.terms().heartbeatMs())
                .slots(hello.slots())
                .credit(hello.credit())
                .takes(entrance.taskTypes())
                .derives(entrance.derives())
                .acks(hello.acks())
                .instance(hello.instance())
                .build();
        context.core().handle(new Event.WorkerJoined(id, identity, terms));
        if (hello.lastExitCode() != null) {
            context.core().handle(new Event.ExitCodeTold(id, hello.lastExitCode()));
        }
    }

    /** Its heartbeats wait behind something else; but it is there. */
    @Override
    public void onSignOfLife() {
        context.core().handle(new Event.Heartbeat(id, Map.of()));
    }

    @Override
    protected void receive(byte[] bytes, int offset, int length) throws ProtocolException {
        FromWorker message = FromWorker.read(bytes, offset, length);
        // How far it is does not wait: that only ever grows.
        if (said.isUpToDate() || message instanceof FromWorker.Heartbeat) {
            message.dispatch(this);
        } else {
            onSignOfLife();
            said.act(length, () -> message.dispatch(this));
        }
    }

    @Override
    public void on(FromWorker.Result result) {
        long lease = result.lease();
        long to = result.from() + result.results().size();
        sort(
                context.core().taskOf(id, lease, result.from(), to),
                result.from(),
                result.results(),
                (from, values) -> context.core()
                        .handle(Event.ResultsArrived.each(
                                id, lease, from, from + values.size(), new ArrivedResults(values))),
                (index, complaint) -> unfit(lease, index, complaint));
    }

    @Override
    public void on(FromWorker.Combined result) {
        ResultValues combined = ResultValues.of(List.of(result.combined()));
        TaskId task = context.core().taskOf(id, result.lease(), result.from(), result.to());
        OpenTask open = task == null ? null : context.tasks().open(task);
        Event arrived = Event.ResultsArrived.combined(
                id, result.lease(), result.from(), result.to(), new ArrivedResults(combined));
        Runnable counts = () -> context.core().handle(arrived);
        if (task == null || open == null) {
            counts.run();
        } else {
            inspect(task, combined, counts, () -> {
                String complaint = open.complaintAboutFolded(result.combined());
                return complaint == null
                        ? counts
                        : () -> unfit(
                                result.lease(),
                                result.from(),
                                ResultSorting.cannotCombine(complaint, result.combined()));
            });
        }
    }

    @Override
    public void on(FromWorker.Offer offer) {
        TaskId task = new TaskId(offer.taskId());
        sort(
                isLookedInto(task) ? task : null,
                offer.from(),
                offer.results(),
                (from, values) -> context.core()
                        .handle(new Event.ResultsOffered(
                                id, task, from, from + values.size(), new ArrivedResults(values))),
                (index, complaint) ->
                        context.core().handle(new Event.OfferUnusable(id, task, index, ErrorText.bounded(complaint))));
    }

    /** Whether offers for it can count: the core takes none for a task that is gone, or whose type this worker lacks. */
    private boolean isLookedInto(TaskId offered) {
        OpenTask open = context.tasks().open(offered);
        Set<String> types = hello.taskTypes();
        return open != null && (types == null || types.contains(open.type()));
    }

    /** A result that cannot be combined is that subtask's failure; those around it count. */
    private void sort(
            @Nullable TaskId task,
            long resultsFrom,
            ResultValues values,
            ResultSorting.Run good,
            ResultSorting.Complaint bad) {
        OpenTask open = task == null ? null : context.tasks().open(task);
        if (task == null || open == null || open.takesAtOnce(values)) {
            good.take(resultsFrom, values);
            return;
        }
        inspect(task, values, () -> good.take(resultsFrom, values), () -> {
            List<Runnable> sorted = new ArrayList<>();
            ResultSorting.sort(
                    open,
                    resultsFrom,
                    values,
                    (from, run) -> sorted.add(() -> good.take(from, run)),
                    (index, complaint) -> sorted.add(() -> bad.about(index, complaint)));
            return () -> sorted.forEach(Runnable::run);
        });
    }

    /**
     * Looks at results in the lane of their open task, and does what that gives.
     *
     * @param unseen what is done if they cannot be looked at: the task fails or has ended then, so they do not count, and the
     *     worker hears what became of them
     */
    private void inspect(TaskId task, ResultValues values, Runnable unseen, Guard.Code<Runnable> inspection) {
        OpenTask open = Objects.requireNonNull(context.tasks().open(task), "results of an open task are looked at");
        said.beginLook();
        open.inspect(values, inspection, outcome -> {
            try {
                if (outcome instanceof Outcome.Returned<Runnable> returned) {
                    returned.value().run();
                } else {
                    cannotBeLookedAt(task, open, outcome);
                    unseen.run();
                }
            } catch (RuntimeException | Error e) {
                breakOff(e); // What it answered is done again.
            }
            said.endLook();
            if (said.isUpToDate()) {
                leave();
            }
        });
        if (!said.isUpToDate()) {
            onSignOfLife(); // It may take long until the core hears what was said.
        }
    }

    private void cannotBeLookedAt(TaskId task, OpenTask open, Outcome<Runnable> outcome) {
        if (outcome instanceof Outcome.Failed<Runnable> failed && !open.hasEnded()) {
            context.tasks().broke(task, failed.failure());
        }
    }

    /** A result that nobody can use, though it is well-formed. */
    private void unfit(long lease, long index, String complaint) {
        context.core().handle(new Event.AnswerBroken(id, lease, index, ErrorText.bounded(complaint), false));
    }

    @Override
    public void on(FromWorker.Released released) {
        context.core().handle(new Event.LeaseReleased(id, released.lease(), released.from()));
    }

    @Override
    public void on(FromWorker.SubtaskError error) {
        String detail = error.detail() == null ? null : ErrorText.tail(error.detail());
        if (detail != null) {
            LOG.info("worker {}: lease {}, subtask {}: {}", name, error.lease(), error.index(), detail);
        }
        String message = ErrorText.bounded(error.message());
        context.core()
                .handle(new Event.SubtaskFailed(id, error.lease(), error.index(), message, error.retryable())
                        .withDetail(detail));
    }

    @Override
    public void on(FromWorker.Heartbeat heartbeat) {
        context.core().handle(new Event.Heartbeat(id, heartbeat.leases()));
    }

    @Override
    public void on(FromWorker.Decline decline) {
        context.core().handle(new Event.SplitDeclined(id, new TaskId(decline.taskId())));
    }

    @Override
    public void on(FromWorker.Drain drain) {
        LOG.info("worker {} drains", name);
        context.doors().drains(id);
        context.core().handle(new Event.WorkerDraining(id));
    }

    @Override
    public void describe(ToWorker.TaskDescription task) {
        send(task);
    }

    @Override
    public void assign(long lease, String taskId, long from, long to, ToWorker.@Nullable PayloadArray payloads) {
        send(new ToWorker.Assign(lease, taskId, from, to, payloads));
    }

    @Override
    public void revoke(long lease, long from) {
        send(new ToWorker.Revoke(lease, from));
    }

    @Override
    public void cancelLease(long lease) {
        send(new ToWorker.CancelLease(lease));
    }

    @Override
    public void acknowledge(@Nullable Long lease, String taskId, long from, long to) {
        sendInCompany(new ToWorker.Ack(lease, lease == null ? taskId : null, from, to));
    }

    @Override
    public void cancelWork(String taskId) {
        send(new ToWorker.Cancel(taskId));
    }

    @Override
    public void forget(String taskId) {
        sendInCompany(new ToWorker.Forget(taskId));
    }

    @Override
    public void goAway(boolean reconnect) {
        send(new ToWorker.GoAway(reconnect));
    }

    @Override
    public @Nullable InetSocketAddress address() {
        return peer.remoteAddress();
    }

    @Override
    public void refuse(ErrorCode code, String message) {
        refuse(new ProtocolException(code, message));
    }

    @Override
    public void drop(String reason) {
        LOG.warn("worker {} is dropped: {}", name, reason);
        close(reason);
    }

    @Override
    public void supersede() {
        LOG.warn(
                "worker {} came on another connection while {} was open, which is given up; if these are two workers, each"
                        + " needs an instance of its own",
                name,
                peer);
        context.core().handle(new Event.WorkerDraining(id));
        leftBecause = "it came back on another connection";
        leave();
        close("its worker came back on another connection");
    }

    @Override
    protected Message errorMessage(ProtocolException error) {
        return new ErrorMessage(error);
    }

    @Override
    protected void misread(ProtocolException error, byte[] bytes, int offset, int length) {
        // Any frame is a sign of life, also one that makes no sense.
        context.core().handle(new Event.Heartbeat(id, Map.of()));
        AnswerPrefix answer = AnswerPrefix.read(bytes, offset, length);
        boolean endsConnection = error.code().endsConnection();
        if (answer.mayBeAnswer() || endsConnection) {
            String message = error.code().wireName() + ": " + error.getMessage();
            Event broken = new Event.AnswerBroken(id, answer.lease(), answer.index(), message, endsConnection);
            said.act(length, () -> context.core().handle(broken));
        }
    }

    /** What it runs is not suspected of having killed it. */
    @Override
    protected void exonerate() {
        context.core().handle(new Event.WorkerDraining(id));
    }

    @Override
    protected void closed(String reason) {
        LOG.info("worker {} left: {}", name, reason);
        leftBecause = reason;
        if (said.isUpToDate()) {
            leave();
        } else {
            // What it answered last is still looked at. Others wait for what it held, so not for long. Nothing new is
            // given to it, as that would be taken to have killed it.
            context.core().handle(new Event.WorkerDrainRequested(id));
            context.loop().schedule(context.loop().nowMs() + SessionTerms.LAST_ANSWERS_MS, this::leave);
        }
    }

    /** If its connection ended: what it held goes to others. */
    private void leave() {
        String reason = leftBecause;
        if (reason != null) {
            leftBecause = null;
            if (!said.isUpToDate()) {
                exonerate(); // Nobody knows what it has answered, so nobody knows what it ran.
            }
            said.forget();
            context.doors().close(id);
            context.core().handle(new Event.WorkerLeft(id, reason));
        }
    }
}
