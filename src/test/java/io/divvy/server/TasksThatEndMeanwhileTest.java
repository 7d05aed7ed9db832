package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.net.ConnectionHandler;
import io.divvy.net.Peer;
import io.divvy.net.Timeline;
import io.divvy.protocol.Frames;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.RetryPolicy;
import io.divvy.state.TaskId;
import io.divvy.store.ForwardingStore;
import io.divvy.store.MemoryStore;
import io.divvy.store.ReadFailure;
import io.divvy.store.Retention;
import io.divvy.store.StoredTask;
import io.divvy.task.TaskTypes;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a sender of protocol 2 hears of tasks that end, or are deleted, while they are looked for. */
class TasksThatEndMeanwhileTest {
    private static final String NO_WORK = "{'type':'odd','key':'k','payloads':[]}";
    private static final Pattern TYPE = Pattern.compile("\\{\"type\":\"(\\w+)\"");
    private static final Pattern TASK_ID = Pattern.compile("\"task_id\":\"([^\"]+)\"");

    private final LateStore store = new LateStore();
    private final Timeline timeline = new StandingTime();
    private final Engine engine = new Engine(
            new Engine.Settings(Limits.DEFAULT, RetryPolicy.DEFAULT, ServerLimits.DEFAULT, 1, "server"),
            new TypeLanes(TaskTypes.builtin(), ServerLimits.DEFAULT.types()),
            store,
            new Engine.Surroundings(timeline, new TaskIds(timeline::nowMs), null));
    private Sender sender;

    @BeforeEach
    void start() {
        engine.start((why, cause) -> {
            throw new AssertionError(why.text(), cause);
        });
        sender = new Sender();
        sender.says("{'type':'task_sender','protocol':2}");
        assertEquals("welcome", sender.heard());
    }

    private static final class StandingTime implements Timeline {
        @Override
        public long nowMs() {
            return 1_780_000_000_000L;
        }

        @Override
        public Scheduled schedule(long dueMs, Runnable action) {
            return () -> {};
        }
    }

    /** Ends are saved, and single finished tasks read, only when that is let happen. */
    private static final class LateStore extends ForwardingStore {
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private boolean isLate;

        LateStore() {
            super(new MemoryStore(Retention.DEFAULT));
        }

        void catchUp() {
            isLate = false;
            while (!waiting.isEmpty()) {
                waiting.remove().run();
            }
        }

        private void act(Runnable call) {
            if (isLate) {
                waiting.add(call);
            } else {
                call.run();
            }
        }

        @Override
        public void finishTask(StoredTask task, Runnable committed) {
            act(() -> super.finishTask(task, committed));
        }

        @Override
        public void findFinished(
                TaskId id,
                long longestResultBytes,
                Consumer<Optional<StoredTask>> found,
                Consumer<ReadFailure> failed) {
            act(() -> super.findFinished(id, longestResultBytes, found, failed));
        }
    }

    private final class Sender implements Peer {
        private ConnectionHandler handler = engine.sessions.apply(this);
        private final List<String> said = new ArrayList<>();
        private boolean isClosed;

        void says(String message) {
            byte[] bytes = message.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
            handler.onFrame(bytes, 0, bytes.length);
        }

        void saysNothingMore() {
            assertTrue(handler.onInputEnd(), "it waits for something");
        }

        /** The types of what it was told since it was last asked. */
        String heard() {
            String types = said.stream().map(text -> group(TYPE, text)).collect(Collectors.joining(" "));
            said.clear();
            return types;
        }

        /** The task that is spoken of first in what it was told since it was last asked. */
        String taskHeardOf() {
            return group(TASK_ID, said.get(0));
        }

        private static String group(Pattern pattern, String text) {
            Matcher found = pattern.matcher(text);
            assertTrue(found.find(), text);
            return found.group(1);
        }

        @Override
        public void setHandler(ConnectionHandler newHandler) {
            handler = newHandler;
        }

        @Override
        public void setIdleTimeoutMs(long timeoutMs) {}

        @Override
        public void send(ByteBuffer frame) {
            assertFalse(isClosed);
            said.add(new String(frame.array(), Frames.HEADER_BYTES, frame.array().length - Frames.HEADER_BYTES));
        }

        @Override
        public void sendInCompany(ByteBuffer frame) {
            send(frame);
        }

        @Override
        public void sendWhenQuiet(ByteBuffer frame, long periodMs) {}

        @Override
        public long outboundBytes() {
            return 0;
        }

        @Override
        public void pause() {}

        @Override
        public void resume() {}

        @Override
        public Timeline.Scheduled schedule(long dueMs, Runnable action) {
            return timeline.schedule(dueMs, action);
        }

        @Override
        public boolean isOpen() {
            return !isClosed;
        }

        @Override
        public void close(String reason) {
            isClosed = true;
        }

        @Override
        public @Nullable InetSocketAddress remoteAddress() {
            return null;
        }
    }

    private String submit(String task) {
        sender.says("{'type':'submit','request':1,'task':" + task + "}");
        return sender.taskHeardOf();
    }

    @Test
    void whoCancelsATaskAndThenWaitsForItHearsOfItsEndOnce() {
        Sender other = new Sender();
        other.says("{'type':'task_sender','protocol':2}");
        String id = submit("{'type':'odd','payloads':[1]}");
        other.heard();

        store.isLate = true;
        other.says("{'type':'cancel','request':2,'task_id':'" + id + "'}");
        other.says("{'type':'attach','request':3,'task_id':'" + id + "'}");
        assertEquals("task", other.heard(), "that it ended is not saved yet");
        store.catchUp();
        assertEquals("cancelled", other.heard());
    }

    @Test
    void aFinishedTaskThatIsSubmittedAgainIsAcceptedBeforeItsEnd() {
        submit(NO_WORK);
        assertEquals("accepted completed", sender.heard());

        store.isLate = true;
        submitAgain();
        submitAgain();
        assertEquals("", sender.heard());
        store.catchUp();
        assertEquals("accepted accepted completed", sender.heard());
    }

    private void submitAgain() {
        sender.says("{'type':'submit','request':2,'task':" + NO_WORK + "}");
    }

    /** Nobody waits for ever for the end of a task that is gone. */
    @Test
    void aTaskThatIsDeletedWhileItIsSubmittedAgainIsNotAccepted() {
        TaskId id = new TaskId(submit(NO_WORK));
        sender.heard();

        store.isLate = true;
        submitAgain();
        engine.desk.delete(id, answer -> {});
        store.catchUp();
        assertTrue(sender.said.get(0).contains("has just been deleted; submit it again"), sender.said.toString());
        assertEquals("error", sender.heard());
        submitAgain();
        assertEquals("accepted completed", sender.heard());
    }

    @Test
    void aTaskThatIsDeletedWhileItIsAttachedToIsNotFound() {
        String id = submit(NO_WORK);
        sender.heard();

        store.isLate = true;
        sender.says("{'type':'attach','request':2,'task_id':'" + id + "'}");
        engine.desk.delete(new TaskId(id), answer -> {});
        store.catchUp();
        assertTrue(sender.said.get(0).contains("\"not_found\""), sender.said.toString());
        assertEquals("error", sender.heard());
    }

    @Test
    void whoSendsNothingMoreHearsOfTheEndThatItAskedForLast() {
        String id = submit(NO_WORK);
        sender.heard();

        store.isLate = true;
        sender.says("{'type':'attach','request':2,'task_id':'" + id + "'}");
        sender.saysNothingMore();
        store.catchUp();
        assertEquals("task completed", sender.heard());
        assertTrue(sender.isClosed);
    }
}
