package io.divvy.scheduler.world;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.Progress;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ServerHeartbeat;
import io.divvy.protocol.TaskView;
import io.divvy.protocol.ToSender;
import io.divvy.protocol.Welcome;
import io.divvy.server.ShippedServer;
import io.divvy.server.session.TaskErrors;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.StoredTask;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the server owes to a sender of protocol 2 on one connection: one answer to each request, and one end of each task that was
 * waited for, however many requests that was. Each has to be right, and durable.
 */
final class RequestAnswers implements OwedAnswers, ToSender.Handler {
    /** After so long who cancels a task hears that its end cannot be saved yet. */
    private static final long CANCEL_ANSWER_MS = 3_000;

    private final World world;
    private final SimulatedServer server;
    private final Consumer<ToSender> sender;
    private final Map<Long, Asked> requests = new LinkedHashMap<>();
    /** Tasks whose end is due, and whether progress is to be told until then. */
    private final Map<TaskId, Boolean> watched = new HashMap<>();
    /** How often it said what makes no sense, and was not told so yet. */
    private int nonsense;

    /** When it last heard that the end of a task that it cancels cannot be saved yet. */
    private long lateMs;

    private boolean isWelcome;
    private boolean mayBeClosed;
    private boolean isTooLate;

    /** A request that the server heard. */
    private static final class Asked {
        final Request what;
        final long sinceMs;
        /** The task that was named, if anybody was told that it exists and it was there. */
        final @Nullable SimulatedTask named;
        /** Whether it came while the connection waited for as many tasks as it may. */
        final boolean isOverLimit;
        /** The task that it is about, once the server said so. */
        @Nullable
        TaskId task;

        Asked(Request what, long sinceMs, @Nullable SimulatedTask named, boolean isOverLimit) {
            this.what = what;
            this.sinceMs = sinceMs;
            this.named = named;
            this.isOverLimit = isOverLimit;
        }
    }

    /** @param sender what it makes of each message, once that is there */
    RequestAnswers(World world, SimulatedServer server, Consumer<ToSender> sender) {
        this.world = world;
        this.server = server;
        this.sender = sender;
    }

    // What is asked.

    /** The server hears this request. */
    void asked(Request request) {
        SimulatedTask named = request.name() == null ? null : world.named(request.name());
        boolean isOverLimit = watched.size() + undecided() >= ShippedServer.TASKS_PER_SENDER;
        Asked former = requests.put(
                request.number(),
                new Asked(request, world.nowMs(), named != null && named.isThere() ? named : null, isOverLimit));
        Violation.unless(former == null, () -> "the world itself asks " + request + " twice");
    }

    /** The server hears what makes no sense, and says so. */
    void askedNonsense() {
        nonsense++;
    }

    /** The server hears what is no message, says so and closes the connection. */
    void askedGarbage() {
        nonsense++;
        mayBeClosed = true;
    }

    /** Requests of which it is not known whether they lead to a task to wait for. */
    private long undecided() {
        return requests.values().stream()
                .filter(asked -> asked.what.leadsToWaiting())
                .count();
    }

    @Override
    public void closed() {
        watched.clear();
    }

    @Override
    public boolean mayBeClosed() {
        return mayBeClosed;
    }

    @Override
    public boolean isOwed() {
        return !requests.isEmpty() || !watched.isEmpty();
    }

    @Override
    public boolean waitsForTask() {
        return !watched.isEmpty();
    }

    @Override
    public int mostWatchers() {
        int most = watched.size();
        for (Asked asked : requests.values()) {
            most += asked.what.kind() == Request.Kind.CANCEL ? 1 : 0;
        }
        return most;
    }

    // What is said.

    @Override
    public Runnable said(byte[] bytes, int offset, int length, boolean isTooLate) {
        ToSender message;
        try {
            message = ToSender.read(bytes, offset, length);
        } catch (ProtocolException e) {
            throw new Violation("a sender cannot read what it is sent: " + e, e);
        }
        world.note(() -> "    a sender is told " + message);
        this.isTooLate = isTooLate;
        message.dispatch(this);
        return () -> sender.accept(message);
    }

    private Asked answered(@Nullable Long number, ToSender answer) {
        return Violation.ifNull(
                number == null ? null : requests.remove(number), () -> answer + " to a request that is not open");
    }

    @Override
    public void on(Welcome message) {
        Violation.unless(!isWelcome && watched.isEmpty(), () -> message + " in the middle of a session");
        isWelcome = true;
    }

    @Override
    public void on(ServerHeartbeat message) {
        // The server is there.
    }

    @Override
    public void on(ToSender.Accepted message) {
        Asked asked = answered(message.request(), message);
        Wanted wanted = Violation.ifNull(asked.what.wanted(), () -> message + " to " + asked.what);
        SimulatedTask task = world.task(new TaskId(message.taskId()));
        wanted.requireAccepted(task, world.store().find(task.id()));
        Violation.unless(
                message.subtasks() == wanted.subtasks() && !asked.isOverLimit,
                () -> message + " to " + asked.what + (asked.isOverLimit ? ", one too many" : ""));
        if (!isTooLate) {
            watch(task, asked.what.wantsProgress());
        }
    }

    private void watch(SimulatedTask task, boolean wantsProgress) {
        watched.merge(task.id(), wantsProgress, Boolean::logicalOr);
    }

    @Override
    public void on(ErrorMessage message) {
        Long number = message.request();
        if (number == null) {
            Violation.unless(nonsense-- > 0, () -> message + " to an honest sender");
            return;
        }
        Asked asked = answered(number, message);
        ErrorCode code = ErrorCode.valueOf(message.code().toUpperCase(Locale.ROOT));
        Violation.unless(isRight(asked, code, message.message()), () -> message + " to " + asked.what);
    }

    private boolean isRight(Asked asked, ErrorCode code, String text) {
        SimulatedTask named = asked.named;
        if (code == ErrorCode.LIMIT_EXCEEDED && asked.isOverLimit) {
            return true;
        }
        return switch (asked.what.kind()) {
            case SUBMIT -> {
                Wanted wanted = Objects.requireNonNull(asked.what.wanted(), "what is submitted");
                yield text.contains("deleted")
                        ? code == ErrorCode.BUSY && world.wasDeleted(wanted)
                        : wanted.mayBeRefused(code, world.wants());
            }
            case STATUS, ATTACH -> code == ErrorCode.NOT_FOUND && (named == null || named.isDeleted);
            case CANCEL ->
                code == ErrorCode.NOT_FOUND
                        ? named == null || named.isDeleted
                        : code == ErrorCode.BUSY && isLate(asked);
        };
    }

    /** Later requests to cancel the same task are answered with the first. */
    private boolean isLate(Asked cancel) {
        if (world.nowMs() - cancel.sinceMs >= CANCEL_ANSWER_MS) {
            lateMs = world.nowMs();
        }
        return lateMs == world.nowMs();
    }

    @Override
    public void on(ToSender.ProgressReport message) {
        SimulatedTask task = world.task(new TaskId(message.taskId()));
        requireAddsUp(task, message.progress());
        Violation.unless(
                !isTooLate && Boolean.TRUE.equals(watched.get(task.id())),
                () -> message + " to a sender that did not ask for that, or is gone");
    }

    private static void requireAddsUp(SimulatedTask task, Progress progress) {
        long sum = progress.pending() + progress.leased() + progress.done() + progress.failed() + progress.cancelled();
        Violation.unless(
                progress.total() == task.subtasks() && sum == progress.total(),
                () -> task + " has " + task.subtasks() + " subtasks, and is shown with " + progress);
    }

    @Override
    public void on(ToSender.Completed message) {
        ends(
                message.taskId(),
                message,
                end -> end.task().state() == TaskSnapshot.State.COMPLETED
                        && message.resultAt() == null
                        && message.result().toString().equals(textOf(end)));
    }

    @Override
    public void on(ToSender.Failed message) {
        ends(
                message.taskId(),
                message,
                end -> end.task().state() == TaskSnapshot.State.FAILED
                        && message.error().equals(TaskErrors.of(end.task().failure())));
    }

    @Override
    public void on(ToSender.Cancelled message) {
        ends(message.taskId(), message, end -> end.task().state() == TaskSnapshot.State.CANCELLED);
    }

    private interface EndCheck {
        boolean isRight(StoredTask end);
    }

    private static @Nullable String textOf(StoredTask end) {
        byte[] result = end.result();
        return result == null ? null : new String(result, StandardCharsets.UTF_8);
    }

    /** It answers all who wait for it: the connection hears of it once. */
    private void ends(String id, ToSender message, EndCheck check) {
        SimulatedTask task = world.task(new TaskId(id));
        StoredTask end = Violation.ifNull(task.end, () -> message + " before that is durable");
        Violation.unless(check.isRight(end), () -> message + " of " + task + ", which ended as " + end);
        List<Long> cancels = new ArrayList<>();
        requests.forEach((number, asked) -> {
            if (asked.what.kind() == Request.Kind.CANCEL && isAbout(asked, task)) {
                cancels.add(number);
            }
        });
        boolean isWatched = watched.remove(task.id()) != null;
        Violation.unless(
                isWatched && !isTooLate || !cancels.isEmpty(),
                () -> message + " to a sender that does not wait for it"
                        + (isTooLate ? " any more" : ", or once too often"));
        requests.keySet().removeAll(cancels);
    }

    /** Which task an alias meant is said before its end, unless nobody is there who would hear it. */
    private boolean isAbout(Asked asked, SimulatedTask task) {
        String name = asked.what.name();
        return task.id().equals(asked.task)
                || task.id().value().equals(name)
                || isTooLate && Objects.equals(task.spec().alias(), name);
    }

    @Override
    public void on(ToSender.Task message) {
        TaskView view = message.view();
        SimulatedTask task = world.task(new TaskId(view.id()));
        Long number = message.request();
        Asked asked =
                Violation.ifNull(requests.get(number == null ? -1 : number), () -> message + " to no open request");
        Request what = asked.what;
        Violation.unless(
                view.id().equals(what.name())
                        || Objects.equals(view.alias(), what.name())
                                && (asked.named == null || asked.named == task || asked.named.isDeleted),
                () -> message + " to " + what);
        requireRight(view, task);
        switch (what.kind()) {
            case STATUS -> requests.remove(what.number());
            case ATTACH -> {
                requests.remove(what.number());
                watch(task, what.wantsProgress());
            }
            case CANCEL -> {
                Violation.unless(asked.task == null, () -> message + " a second time to " + what);
                asked.task = task.id();
            }
            case SUBMIT -> throw new Violation(message + " to " + what);
        }
    }

    /** A task is shown as it is; that it ended only once that is durable. */
    private void requireRight(TaskView view, SimulatedTask task) {
        requireAddsUp(task, view.progress());
        Violation.unless(
                Objects.equals(view.alias(), task.spec().alias())
                        && view.type().equals(task.spec().type())
                        && task.priorities.contains(view.priority())
                        && task.labels.contains(view.labels()),
                () -> task + " is shown as " + view);
        if (view.isFinished()) {
            StoredTask end = Violation.ifNull(task.end, () -> view + " before it is durable that it ended");
            String result = view.result() == null ? null : view.result().toString();
            Violation.unless(
                    view.state().equals(end.task().state().name().toLowerCase(Locale.ROOT))
                            && Objects.equals(result, textOf(end))
                            && Objects.equals(
                                    view.error(), TaskErrors.of(end.task().failure())),
                    () -> task + " ended as " + end + ", and is shown as " + view);
        } else {
            Violation.unless(server.core.find(task.id()) != null, () -> task + " is not open, and is shown as " + view);
        }
    }

    @Override
    public void on(ToSender.Unknown message) {
        throw new Violation("a sender is told " + message);
    }

    @Override
    public String toString() {
        return "answers to "
                + requests.values().stream().map(asked -> asked.what).toList() + ", and the ends of "
                + watched.keySet();
    }
}
