package io.divvy.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.net.FrameSocket;
import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.Frames;
import io.divvy.protocol.FromWorker;
import io.divvy.protocol.Hello;
import io.divvy.protocol.Message;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.ServerHeartbeat;
import io.divvy.protocol.ToWorker;
import io.divvy.protocol.Welcome;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A small protocol-2 worker with one thread: it computes a subtask, answers, and goes on. It takes every type, gets all
 * payloads, and tells what its code throws as an error of the subtask.
 */
public final class TestWorker implements AutoCloseable {
    /** Computes the types that ship. */
    public static final Code SHIPPED_TYPES = (type, payload) -> {
        TaskType taskType = TaskTypes.builtin().find(type);
        if (taskType == null) {
            throw new IllegalArgumentException("this worker cannot do " + type);
        }
        return taskType.process(payload, uncancelled());
    };

    private static final int CREDIT = 64;
    private static final int CONNECT_TIMEOUT_MS = 5_000;
    /** As a real worker: on a busy machine a test may leave it idle for so long that it would be dropped. */
    private static final int HEARTBEAT_MS = 1_000;

    private final FrameSocket socket;
    private final Code code;
    private final Thread thread;
    private final Map<String, String> typesByTask = new HashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Turns a payload into a result. */
    @FunctionalInterface
    public interface Code {
        JsonNode compute(String taskType, JsonNode payload) throws Exception;
    }

    private TestWorker(FrameSocket socket, String name, Code code) {
        this.socket = socket;
        this.code = code;
        this.thread = new Thread(this::run, name);
    }

    public static TestWorker connect(InetSocketAddress server, String name, Code code) {
        try {
            FrameSocket socket = FrameSocket.connect(server, CONNECT_TIMEOUT_MS, ProtocolLimits.MAX_FRAME_BYTES);
            TestWorker worker = new TestWorker(socket, name, code);
            Hello.Worker.Draft hello = new Hello.Worker.Draft(1, CREDIT);
            hello.name = name;
            worker.send(hello.finish());
            worker.thread.start();
            Thread heartbeats = new Thread(worker::sendHeartbeats, name + "-heartbeats");
            heartbeats.setDaemon(true);
            heartbeats.start();
            return worker;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run() {
        try {
            while (true) {
                byte[] frame = socket.receive();
                ToWorker.read(frame, 0, frame.length).dispatch(new Inbox());
            }
        } catch (IOException | UncheckedIOException e) {
            if (closed.getCount() > 0) {
                throw new AssertionError("the connection broke", e);
            }
        } catch (ProtocolException e) {
            throw new AssertionError("the server sent something wrong", e);
        }
    }

    private void sendHeartbeats() {
        try {
            while (!closed.await(HEARTBEAT_MS, TimeUnit.MILLISECONDS)) {
                send(new FromWorker.Heartbeat(Map.of()));
            }
        } catch (UncheckedIOException e) {
            // The other thread sees the same and fails.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(ToWorker.Assign lease) {
        if (lease.payloads() == null) {
            throw new AssertionError("expected payloads, as this worker derives none");
        }
        String type = typesByTask.get(lease.taskId());
        long index = lease.from();
        for (JsonNode payload : lease.payloads().toList()) {
            send(answer(lease.lease(), index++, type, payload));
        }
    }

    private Message answer(long lease, long index, String type, JsonNode payload) {
        try {
            JsonNode result = code.compute(type, payload);
            return new FromWorker.Result(lease, index, ResultValues.of(List.of(result)));
        } catch (Exception e) {
            return new FromWorker.SubtaskError(lease, index, String.valueOf(e.getMessage()), true, e.toString());
        }
    }

    private void send(Message message) {
        try {
            socket.send(Frames.encode(message));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes the connection, interrupts what it computes, and waits until its thread has ended. */
    @Override
    public void close() {
        closed.countDown();
        try {
            socket.close();
            thread.interrupt();
            thread.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static TaskContext uncancelled() {
        return new TaskContext() {
            @Override
            public long index() {
                return 0;
            }

            @Override
            public void checkCancelled() {}
        };
    }

    private final class Inbox implements ToWorker.Handler {
        @Override
        public void on(Welcome message) {}

        @Override
        public void on(ServerHeartbeat message) {}

        @Override
        public void on(ErrorMessage message) {
            throw new AssertionError("the server says " + message);
        }

        @Override
        public void on(ToWorker.TaskDescription message) {
            typesByTask.put(message.taskId(), message.taskType());
        }

        @Override
        public void on(ToWorker.Assign message) {
            work(message);
        }

        @Override
        public void on(ToWorker.Ack message) {}

        @Override
        public void on(ToWorker.Revoke message) {
            // It works on a lease as soon as it reads it: nothing of it is left.
            send(new FromWorker.Released(message.lease(), ProtocolLimits.MAX_EXACT_NUMBER));
        }

        @Override
        public void on(ToWorker.CancelLease message) {
            send(new FromWorker.Released(message.lease(), ProtocolLimits.MAX_EXACT_NUMBER));
        }

        @Override
        public void on(ToWorker.Cancel message) {}

        @Override
        public void on(ToWorker.Forget message) {
            typesByTask.remove(message.taskId());
        }

        @Override
        public void on(ToWorker.GoAway message) {
            // It computes on, until the server closes the connection or the test ends.
        }

        @Override
        public void on(ToWorker.Unknown message) {}
    }
}
