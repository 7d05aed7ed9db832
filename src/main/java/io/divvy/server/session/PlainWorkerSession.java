package io.divvy.server.session;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.net.Peer;
import io.divvy.net.Timeline;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.ErrorText;
import io.divvy.protocol.Json;
import io.divvy.protocol.Message;
import io.divvy.protocol.Plain;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.ToWorker;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerIdentity;
import io.divvy.scheduler.WorkerTerms;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker of dialect 1: it gets one subtask at a time, and answers it by the task's id and the subtask's index. It has no
 * heartbeat, and it understands nothing but work and that there is none: what it did wrong is logged, and it is told only of
 * errors that end the connection.
 */
final class PlainWorkerSession extends Session implements WorkerDoor {
    private static final Logger LOG = LoggerFactory.getLogger(PlainWorkerSession.class);

    private static final Set<String> TAKES = Set.of(Plain.TASK_TYPE);

    private final WorkerId id;
    private final WorkerIdentity identity;
    private final String name;

    /** What it was last given, until it has answered that. */
    private @Nullable Assignment assignment;

    private long lastSentMs;
    private Timeline.@Nullable Scheduled idlenessCheck;
    private boolean warned;

    private record Assignment(long lease, String taskId, long index) {}

    /** @throws ProtocolException if there is no room for one more */
    PlainWorkerSession(SessionContext context, Peer peer) throws ProtocolException {
        super(context, peer);
        WorkerDoors.Entrance entrance = context.doors().open(this, null, null, TAKES, Set.of());
        this.id = entrance.id();
        this.identity = entrance.identity();
        this.name = identity.name();
    }

    @Override
    protected void start() {
        LOG.info("plain worker {} joined, {}", name, peer);
        this.lastSentMs = context.loop().nowMs();
        watchIdleness();
        context.core().handle(new Event.WorkerJoined(id, identity, WorkerTerms.plain(TAKES)));
    }

    /** Tells a worker without work that there is none, now and then. */
    private void watchIdleness() {
        long dueMs = lastSentMs + context.terms().noTaskMs();
        idlenessCheck = peer.schedule(dueMs, () -> {
            if (assignment != null) {
                lastSentMs = context.loop().nowMs();
            } else if (lastSentMs + context.terms().noTaskMs() <= context.loop().nowMs()) {
                sendNow(new Plain.NoTask());
            }
            if (peer.isOpen()) {
                watchIdleness();
            }
        });
    }

    @Override
    protected void receive(byte[] bytes, int offset, int length) throws ProtocolException {
        Plain.SubtaskResult answer = Plain.SubtaskResult.read(bytes, offset, length);
        Assignment answered = assignment;
        if (answered == null
                || !answered.taskId().equals(answer.taskId())
                || answered.index() != answer.subtaskIndex()) {
            refuse(new ProtocolException(
                    ErrorCode.BAD_MESSAGE,
                    "subtask " + answer.subtaskIndex() + " of task " + answer.taskId()
                            + " was not what this worker was given last; expected an answer to "
                            + (answered == null
                                    ? "nothing"
                                    : "subtask " + answered.index() + " of task " + answered.taskId())));
            return;
        }
        assignment = null;
        lastSentMs = context.loop().nowMs();
        JsonNode result = answer.result();
        if (result.isIntegralNumber()) {
            context.core()
                    .handle(Event.ResultsArrived.each(
                            id,
                            answered.lease(),
                            answered.index(),
                            answered.index() + 1,
                            new ArrivedResults(ResultValues.of(List.of(result)))));
        } else {
            broke(
                    answered,
                    "the result cannot be combined: expected a whole number, got " + Json.describe(result),
                    false);
        }
    }

    /** It takes what it has for answered, however little sense that made. */
    @Override
    protected void misread(ProtocolException error, byte[] bytes, int offset, int length) {
        Assignment answered = assignment;
        if (answered != null) {
            assignment = null;
            broke(
                    answered,
                    error.code().wireName() + ": " + error.getMessage(),
                    error.code().endsConnection());
        }
    }

    private void broke(Assignment answered, String message, boolean endsConnection) {
        String bounded = ErrorText.bounded(message);
        context.core().handle(new Event.AnswerBroken(id, answered.lease(), answered.index(), bounded, endsConnection));
    }

    private void fail(Assignment failed, String message, boolean retryable) {
        context.core().handle(new Event.SubtaskFailed(id, failed.lease(), failed.index(), message, retryable));
    }

    @Override
    public void describe(ToWorker.TaskDescription task) {
        // This dialect has no such message.
    }

    @Override
    public void assign(long lease, String taskId, long from, long to, ToWorker.@Nullable PayloadArray payloads) {
        Assignment given = new Assignment(lease, taskId, from);
        JsonNode payload = Objects.requireNonNull(payloads, "a plain worker derives nothing")
                .toList()
                .get(0);
        if (!payload.path("start").isIntegralNumber() || !payload.path("end").isIntegralNumber()) {
            fail(
                    given,
                    "expected a payload of the form {\"start\":1,\"end\":10}, got " + Json.describe(payload),
                    false);
            return;
        }
        assignment = given;
        sendNow(new Plain.TaskAvailable(
                taskId,
                from,
                payload.get("start").bigIntegerValue(),
                payload.get("end").bigIntegerValue()));
    }

    private void sendNow(Plain message) {
        lastSentMs = context.loop().nowMs();
        send(message);
    }

    @Override
    public void revoke(long lease, long from) {
        throw new IllegalStateException("a plain worker has nothing that it has not started");
    }

    @Override
    public void cancelLease(long lease) {
        throw new IllegalStateException("a plain worker finishes what it has; this dialect has no message to stop it");
    }

    @Override
    public void acknowledge(@Nullable Long lease, String taskId, long from, long to) {
        throw new IllegalStateException("a plain worker did not ask for acks");
    }

    @Override
    public void cancelWork(String taskId) {
        // This dialect has no such message: the answer will come, and will be dropped.
    }

    @Override
    public void forget(String taskId) {
        // This dialect has no such message.
    }

    @Override
    public void goAway(boolean reconnect) {
        // This dialect has no such message: the core closes the connection once the worker is idle.
    }

    @Override
    public @Nullable InetSocketAddress address() {
        return peer.remoteAddress();
    }

    @Override
    public void refuse(ErrorCode code, String message) {
        LOG.debug("plain worker {}: {}: {}", name, code.wireName(), message);
    }

    @Override
    public void drop(String reason) {
        LOG.info("plain worker {} is dropped: {}", name, reason);
        close(reason);
    }

    @Override
    public void supersede() {
        throw new IllegalStateException("a plain worker says no instance");
    }

    @Override
    protected @Nullable Message errorMessage(ProtocolException error) {
        if (error.code().endsConnection()) {
            return new ErrorMessage(error);
        }
        if (!warned) {
            warned = true; // Once: else a worker that gets it wrong each time fills the log.
            LOG.warn("plain worker {}: {}: {}", name, error.code().wireName(), error.getMessage());
        }
        return null;
    }

    /** What it runs is not suspected of having killed it. */
    @Override
    protected void exonerate() {
        context.core().handle(new Event.WorkerDraining(id));
    }

    @Override
    protected void closed(String reason) {
        LOG.info("plain worker {} left: {}", name, reason);
        if (idlenessCheck != null) {
            idlenessCheck.cancel();
        }
        context.doors().close(id);
        context.core().handle(new Event.WorkerLeft(id, reason));
    }
}
