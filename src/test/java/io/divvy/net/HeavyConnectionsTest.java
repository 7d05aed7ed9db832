package io.divvy.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that send much at once, or are new, beside one that sends little and has been there for a while. */
@Timeout(60)
class HeavyConnectionsTest {
    private static final int CONNECTIONS = 50;
    private static final int FRAMES = 600;
    private static final int FRAME_BYTES = 100;
    private static final long WORK_NANOS = 100_000;

    /** Of newcomers that do not bring enough to be heavy. */
    private static final int FEW_FRAMES = 30;

    /** So many come at once, and fit into the queue of the system. */
    private static final int COMERS = 300;

    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger begun = new AtomicInteger();
    private volatile boolean beginsSlowly;
    private RunningLoop running;

    /** Works for a tenth of a millisecond for each frame of the heavy ones; echoes a short one. */
    private final class Working implements RunningLoop.TakesFrames {
        private final Connection connection;

        private Working(Connection connection) {
            this.connection = connection;
            begun.incrementAndGet();
            if (beginsSlowly) {
                work();
            }
        }

        @Override
        public void onFrame(byte[] bytes, int offset, int length) {
            if (length < FRAME_BYTES) {
                connection.send(frame(length));
                return;
            }
            work();
            done.incrementAndGet();
        }

        private static void work() {
            long startNanos = System.nanoTime();
            while (System.nanoTime() - startNanos < WORK_NANOS) {
                Thread.onSpinWait();
            }
        }
    }

    private static ByteBuffer frame(int length) {
        return ByteBuffer.allocate(4 + length)
                .putInt(length)
                .put(new byte[length])
                .flip();
    }

    @BeforeEach
    void start() throws IOException {
        running = new RunningLoop(Working::new);
    }

    @AfterEach
    void stop() throws InterruptedException {
        running.close();
    }

    @Test
    void lightConnectionsDoNotWaitForHeavyOnes() throws Exception {
        assertAnsweredBefore(FRAMES);
    }

    @Test
    void connectionsDoNotWaitForAllNewcomers() throws Exception {
        assertAnsweredBefore(FEW_FRAMES);
    }

    @Test
    void onlyLightConnectionsAreReadFromWhileTheServerIsBehind() throws Exception {
        List<FrameSocket> others = new ArrayList<>();
        try (FrameSocket light = light()) {
            running.isBehind.set(true);
            connectOthers(others);
            sendFromOthers(others, FRAMES);
            light.send(frame(1));

            assertEquals(1, light.receive().length);

            assertEquals(0, done.get());
            running.isBehind.set(false);
            running.loop.execute(() -> {});
            Awaitility.await().until(() -> done.get() == CONNECTIONS * FRAMES);
        } finally {
            close(others);
        }
    }

    @Test
    void heavyConnectionsAreReadFromAfterSomeSecondsThoughTheServerIsBehind() throws Exception {
        List<FrameSocket> others = new ArrayList<>();
        try (FrameSocket light = light()) {
            running.isBehind.set(true);
            connectOthers(others);
            sendFromOthers(others, FEW_FRAMES);
            light.send(frame(1));
            light.receive();
            assertEquals(0, done.get());

            running.turnedMs.addAndGet(NetLimits.LONGEST_READ_PAUSE_MS);
            running.loop.wake();
            Awaitility.await().until(() -> done.get() == CONNECTIONS * FEW_FRAMES);
        } finally {
            close(others);
        }
    }

    @Test
    void connectionsDoNotWaitUntilAllNewcomersAreAccepted() throws Exception {
        CountDownLatch allHaveCome = new CountDownLatch(1);
        List<FrameSocket> comers = new ArrayList<>();
        try (FrameSocket light = light()) {
            beginsSlowly = true;
            running.loop.execute(() -> await(allHaveCome));
            for (int number = 0; number < COMERS; number++) {
                comers.add(FrameSocket.connect(running.address, 5_000, 30_000));
            }
            light.send(frame(1));
            allHaveCome.countDown();

            light.receive();

            int before = begun.get();
            assertTrue(before < COMERS / 2, before + " were accepted before");
            Awaitility.await().until(() -> begun.get() == 1 + COMERS);
        } finally {
            close(comers);
        }
    }

    /** Others send so many frames each, and then one that has been there for a while sends a short one. */
    private void assertAnsweredBefore(int frames) throws Exception {
        CountDownLatch allIsSent = new CountDownLatch(1);
        List<FrameSocket> others = new ArrayList<>();
        try (FrameSocket light = light()) {
            connectOthers(others);
            running.loop.execute(() -> await(allIsSent));
            sendFromOthers(others, frames);
            light.send(frame(1));
            allIsSent.countDown();

            assertEquals(1, light.receive().length);

            int before = done.get();
            assertTrue(before < CONNECTIONS * frames / 2, before + " frames of others were done before");
            Awaitility.await().until(() -> done.get() == CONNECTIONS * frames);
        } finally {
            close(others);
        }
    }

    /** One that is not new any more. */
    private FrameSocket light() throws IOException {
        FrameSocket light = FrameSocket.connect(running.address, 5_000, 30_000);
        light.send(frame(1));
        light.receive();
        running.turnedMs.addAndGet(NetLimits.NEW_MS);
        return light;
    }

    /** They are accepted: else the pace of that is what bounds how soon they are read from. */
    private void connectOthers(List<FrameSocket> others) throws IOException {
        for (int number = 0; number < CONNECTIONS; number++) {
            others.add(FrameSocket.connect(running.address, 5_000, 30_000));
        }
        Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> begun.get() == 1 + CONNECTIONS);
    }

    private static void sendFromOthers(List<FrameSocket> others, int frames) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(frames * (4 + FRAME_BYTES));
        for (int number = 0; number < frames; number++) {
            bytes.put(frame(FRAME_BYTES));
        }
        for (FrameSocket socket : others) {
            socket.send(bytes.duplicate().flip());
        }
    }

    private static void close(List<FrameSocket> sockets) throws IOException {
        for (FrameSocket socket : sockets) {
            socket.close();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
