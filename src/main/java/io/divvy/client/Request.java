package io.divvy.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.Frames;
import io.divvy.protocol.FromSender;
import io.divvy.protocol.Progress;
import io.divvy.protocol.TaskView;
import io.divvy.protocol.ToSender;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that was asked, when it is to be asked again, and what is made of its answer. Its conversation keeps it until it
 * is answered.
 *
 * @param <T> what the answer is made into
 */
abstract class Request<T> {
    private static final Logger LOG = LoggerFactory.getLogger(DivvyClient.class);

    private static final long FIRST_DELAY_MS = 100;
    private static final long LONGEST_DELAY_MS = 2_000;
    /** However long the server asks for. */
    private static final long LONGEST_ASKED_DELAY_MS = 60_000;
    /** The clock has no zero, so times are compared by how far they are from this. */
    private static final long ORIGIN_NANOS = System.nanoTime();

    /** Of those that were refused for now, the one that is to be sent again first. */
    static final Comparator<Request<?>> SOONEST_FIRST =
            Comparator.comparingLong(request -> request.dueInNanos(ORIGIN_NANOS));

    final Conversation conversation;
    final long number;
    final CompletableFuture<T> answer;
    // Guarded by the conversation.
    ByteBuffer frame;
    /** On the present connection. */
    boolean sent;
    /** It was sent on an earlier connection: the server may have done it. */
    private boolean repeated;

    private long nextDelayMs = FIRST_DELAY_MS;
    /** When it is sent again, of one that was refused for now. */
    private long dueNanos;

    Request(Conversation conversation, Requests.Numbered message, CompletableFuture<T> answer) {
        this.conversation = conversation;
        this.number = conversation.nextNumber();
        this.frame = message.encode(number);
        this.answer = answer;
    }

    /** There is a new connection. */
    void repeat() {
        repeated |= sent;
        sent = false;
    }

    /**
     * Whether it is sent again after that refusal. A caller is told when to try again, but not of something that is on its
     * way already: that the server has much to do after its start is none of its concern.
     */
    boolean isAskedAgainAfter(TaskRefusedException refusal) {
        return repeated && Requests.isForNow(refusal);
    }

    /**
     * It was refused for now. Returns when it is sent again, in milliseconds from now: as the server asks, or else later each
     * time.
     */
    long postpone(@Nullable Long askedMs) {
        long delayMs =
                askedMs == null ? nextDelayMs : Math.max(FIRST_DELAY_MS, Math.min(askedMs, LONGEST_ASKED_DELAY_MS));
        nextDelayMs = Math.min(2 * nextDelayMs, LONGEST_DELAY_MS);
        dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMs);
        return delayMs;
    }

    /** How long until it is sent again. */
    long dueInNanos(long nowNanos) {
        return dueNanos - nowNanos;
    }

    /** It waits for its answer from now on. */
    void opened() {}

    void accepted(ToSender.Accepted message) {
        fail(Requests.unexpected(message));
    }

    void shown(ToSender.Task message) {
        fail(Requests.unexpected(message));
    }

    void complete(T value) {
        conversation.callbacks().run(() -> answer.complete(value));
    }

    void fail(Exception cause) {
        conversation.callbacks().run(() -> answer.completeExceptionally(cause));
    }

    static final class Submission extends Request<TaskHandle> {
        private final @Nullable Consumer<Progress> onProgress;

        Submission(Conversation conversation, ObjectNode task, @Nullable Consumer<Progress> onProgress) {
            super(
                    conversation,
                    number -> new FromSender.Submit(number, onProgress != null, task),
                    new CompletableFuture<>());
            this.onProgress = onProgress;
        }

        @Override
        void accepted(ToSender.Accepted message) {
            // Here and now: the task may end in the very next message, and somebody must wait for that.
            complete(conversation.waitFor(message.taskId(), message.subtasks(), onProgress));
        }
    }

    static final class Attachment extends Request<TaskHandle> {
        private final @Nullable Consumer<Progress> onProgress;

        Attachment(Conversation conversation, String taskId, @Nullable Consumer<Progress> onProgress) {
            super(
                    conversation,
                    number -> new FromSender.Attach(number, taskId, onProgress != null),
                    new CompletableFuture<>());
            this.onProgress = onProgress;
        }

        @Override
        void shown(ToSender.Task message) {
            TaskView view = message.view();
            complete(conversation.waitFor(view.id(), view.progress().total(), onProgress));
        }
    }

    /** Attaches on a new connection to a task that was waited for on the last one. Its end comes in a message of its own. */
    static final class Reattachment extends Request<Void> {
        private final String taskId;

        Reattachment(Conversation conversation, String taskId, boolean progress) {
            super(conversation, number -> new FromSender.Attach(number, taskId, progress), new CompletableFuture<>());
            this.taskId = taskId;
        }

        @Override
        void shown(ToSender.Task message) {
            LOG.debug("attached to task {} again", taskId);
        }

        /** Unless the task is gone: the server had accepted it, so whatever is the matter now is not the task's. */
        @Override
        boolean isAskedAgainAfter(TaskRefusedException refusal) {
            return !Requests.isNotFound(refusal);
        }

        @Override
        void fail(Exception cause) {
            boolean isLost = Requests.isNotFound(cause);
            conversation.giveUp(taskId, isLost ? new TaskLostException(conversation.server(), taskId) : cause);
        }
    }

    static final class Look extends Request<TaskView> {
        Look(Conversation conversation, String taskId, CompletableFuture<TaskView> answer) {
            super(conversation, number -> new FromSender.Status(number, taskId), answer);
        }

        @Override
        void shown(ToSender.Task message) {
            complete(message.view());
        }
    }

    static final class Cancellation extends Request<TaskView> {
        private String taskId;

        Cancellation(Conversation conversation, String taskId) {
            super(conversation, number -> new FromSender.Cancel(number, taskId), new CompletableFuture<>());
            this.taskId = taskId;
        }

        String taskId() {
            return taskId;
        }

        @Override
        void opened() {
            conversation.waitFor(this);
        }

        /**
         * It was cancelled by another name than its id, under which the end is going to come. From now on it goes by the id:
         * on the next connection another task may have that name.
         */
        @Override
        void shown(ToSender.Task message) {
            conversation.giveUp(this);
            taskId = message.view().id();
            frame = Frames.encode(new FromSender.Cancel(number, taskId));
            conversation.waitFor(this);
        }

        /** The task ended, by this or otherwise. */
        void ended() {
            // What it answers completes the future of this one.
            conversation.askInstead(this, new Look(conversation, taskId, answer));
        }

        @Override
        void fail(Exception cause) {
            conversation.giveUp(this);
            super.fail(cause);
        }
    }
}
