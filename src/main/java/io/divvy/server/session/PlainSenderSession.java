package io.divvy.server.session;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.net.Peer;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Json;
import io.divvy.protocol.Message;
import io.divvy.protocol.Plain;
import io.divvy.protocol.Progress;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.TaskObject;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.store.StoredTask;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A sender of dialect 1. It gets exactly one message for each task. The messages carry no id, so they come in the order in
 * which the tasks were sent. One to which too many are due is not read from until some have gone out.
 */
final class PlainSenderSession extends Session {
    private final Deque<Pending> pending = new ArrayDeque<>();
    /** Of these, answers that are known and wait for those before them. */
    private int held;

    PlainSenderSession(SessionContext context, Peer peer) {
        super(context, peer);
    }

    @Override
    protected void start() {
        updateIdleTimeout();
    }

    @Override
    protected void receive(byte[] bytes, int offset, int length) throws ProtocolException {
        Pending answer = new Pending();
        try {
            Plain.Task task = Plain.Task.read(bytes, offset, length);
            TaskObject object = taskObject(task);
            enqueue(answer);
            updateIdleTimeout();
            context.tasks().submit(object, SubmitKey.plainId(task.taskId()), answer);
        } catch (ProtocolException e) {
            if (e.code().endsConnection()) {
                throw e; // No other answer will follow, so this one need not wait for its turn.
            }
            // It is the answer to this task, so it waits for those of the tasks before.
            enqueue(answer);
            answer.refused(e.code(), String.valueOf(e.getMessage()), null);
        }
    }

    private void enqueue(Pending answer) {
        pending.add(answer);
        pauseOrResume();
    }

    /** With too much due it is not read from until some has gone out, which happens once its first task ends. */
    private void pauseOrResume() {
        if (pending.size() >= context.terms().tasksPerSender()
                || held > 0 && !context.tasks().hasRoomForAnswer()) {
            peer.pause();
        } else {
            peer.resume();
        }
    }

    private static TaskObject taskObject(Plain.Task task) throws ProtocolException {
        ObjectNode object = Json.MAPPER.createObjectNode();
        object.put("type", Plain.TASK_TYPE);
        object.putObject("params").put("start", task.start()).put("end", task.end());
        object.put("subtasks", task.subtasks());
        return TaskObject.read(object);
    }

    /** Sends what is known, up to the first task that still runs. */
    private void sendAnswers() {
        while (!pending.isEmpty() && pending.peek().message != null) {
            Pending first = pending.remove();
            if (first.isHeld) {
                letGo(1);
            }
            send(Objects.requireNonNull(first.message));
        }
        pauseOrResume();
        updateIdleTimeout();
        answered();
    }

    private void letGo(int answers) {
        held -= answers;
        context.tasks().letGoOfAnswers(answers);
    }

    private void updateIdleTimeout() {
        peer.setIdleTimeoutMs(pending.isEmpty() ? context.terms().idleSenderMs() : Long.MAX_VALUE);
    }

    @Override
    public boolean onInputEnd() {
        return stayUntilAnswered();
    }

    @Override
    protected boolean owesAnswers() {
        return !pending.isEmpty();
    }

    @Override
    protected Message errorMessage(ProtocolException error) {
        return new Plain.Failed(error.code().wireName() + ": " + error.getMessage());
    }

    @Override
    protected void closed(String reason) {
        pending.forEach(Pending::forget);
        pending.clear();
        letGo(held);
    }

    /** The one message that a task leads to, once it is known. */
    private final class Pending implements Tasks.SubmitReply, TaskWatcher {
        private @Nullable TaskId task;
        private @Nullable Plain message;
        private boolean isHeld;

        @Override
        public void accepted(TaskId id, long subtasks, boolean isNew) {
            if (isOver()) {
                return; // It went away while the task was saved or looked for.
            }
            task = id;
            context.tasks()
                    .watch(
                            id,
                            this,
                            exists -> {
                                if (!exists) {
                                    refused(
                                            ErrorCode.BUSY,
                                            "the task of that task_id has just been deleted; submit it again",
                                            null);
                                }
                            },
                            why -> refused(why.code(), String.valueOf(why.getMessage()), why.retryAfterMs()));
        }

        @Override
        public void refused(ErrorCode code, String text, @Nullable Long retryAfterMs) {
            answer(new Plain.Failed(code.wireName() + ": " + text));
        }

        @Override
        public void letGo(Throwable cause) {
            breakOff(cause);
        }

        @Override
        public boolean wantsProgress() {
            return false;
        }

        @Override
        public void onProgress(String taskId, Progress progress) {
            throw new IllegalStateException("no progress was asked for");
        }

        @Override
        public long longestResultBytes() {
            return ProtocolLimits.MAX_FRAME_BYTES;
        }

        @Override
        public void onEnd(StoredTask stored) {
            answer(
                    switch (stored.task().state()) {
                        case COMPLETED -> new Plain.Completed(Json.written(Objects.requireNonNull(stored.result())));
                        case FAILED ->
                            new Plain.Failed(
                                    Objects.requireNonNull(stored.task().failure())
                                            .message());
                        default -> new Plain.Failed("the task was cancelled");
                    });
        }

        private void answer(Plain answer) {
            if (isOver()) {
                return; // What is held for one that is gone, nobody would let go of.
            }
            message = answer;
            if (pending.peek() != this) {
                isHeld = true;
                held++;
                context.tasks().holdAnswer();
            }
            sendAnswers();
        }

        private void forget() {
            if (task != null) {
                context.tasks().unwatch(task, this);
            }
        }
    }
}
