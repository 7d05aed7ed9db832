package io.divvy.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is overdue after a pause, and what came meanwhile from connections that take turns. */
@Timeout(60)
class CatchUpTest {
    private static final int CONNECTIONS = 5;
    private static final int FRAME_BYTES = 100;
    /** More than one turn reads from a connection; takes a quarter of a second of all of them. */
    private static final int MANY = 500;
    /** So few that a newcomer is not heavy. */
    private static final int FEW = 30;

    private static final long WORK_NANOS = 100_000;
    private static final long PAUSE_MS = 60_000;
    /** Each look at whether the server is behind; there are two in a turn, which may take half a second. */
    private static final long STEP_MS = 200;

    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicLong turnedMs = new AtomicLong();
    private final AtomicLong pausedMs = new AtomicLong();
    private volatile long stepMs;
    private volatile boolean isBehind;
    private volatile long dueMs = Long.MAX_VALUE;
    /** How many frames had been read when what was overdue ran. */
    private final CompletableFuture<Integer> readBefore = new CompletableFuture<>();

    private final List<FrameSocket> sockets = new ArrayList<>();
    private EventLoop loop;
    private InetSocketAddress address;
    private Thread thread;

    /** Works for a tenth of a millisecond for each frame. */
    private final class Working implements RunningLoop.TakesFrames {
        @Override
        public void onFrame(byte[] bytes, int offset, int length) {
            long startNanos = System.nanoTime();
            while (System.nanoTime() - startNanos < WORK_NANOS) {
                Thread.onSpinWait();
            }
            done.incrementAndGet();
        }
    }

    private final class OneDeadline implements EventLoop.Periodic {
        @Override
        public void tick(long nowMs) {
            if (dueMs <= nowMs) {
                dueMs = Long.MAX_VALUE;
                readBefore.complete(done.get());
            }
        }

        @Override
        public boolean isBehind() {
            pausedMs.addAndGet(stepMs);
            return isBehind;
        }

        @Override
        public long nextDeadlineMs() {
            return dueMs;
        }
    }

    @BeforeEach
    void start() throws IOException {
        Clock system = Clock.system();
        Clock clock = new Clock() {
            @Override
            public long nowMs() {
                return elapsedMs() + turnedMs.get();
            }

            @Override
            public long elapsedMs() {
                return system.nowMs() + pausedMs.get();
            }
        };
        loop = new EventLoop(clock, NetLimits.DEFAULT);
        address = loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        thread = new Thread(() -> {
            try {
                loop.run(
                        connection -> {
                            begun.incrementAndGet();
                            return new Working();
                        },
                        new OneDeadline());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
    }

    @AfterEach
    void stop() throws Exception {
        for (FrameSocket socket : sockets) {
            socket.close();
        }
        loop.stop();
        thread.join();
    }

    private void connect() throws IOException {
        for (int number = 0; number < CONNECTIONS; number++) {
            sockets.add(FrameSocket.connect(address, 5_000, 30_000));
        }
        Awaitility.await().until(() -> begun.get() == CONNECTIONS);
    }

    /** They are not new any more. */
    private void pass() {
        turnedMs.addAndGet(NetLimits.NEW_MS);
        loop.wake();
    }

    private void send(int frames) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(frames * (4 + FRAME_BYTES));
        for (int number = 0; number < frames; number++) {
            bytes.putInt(FRAME_BYTES).put(new byte[FRAME_BYTES]);
        }
        for (FrameSocket socket : sockets) {
            socket.send(bytes.duplicate().flip());
        }
    }

    /** The process is stopped; meanwhile each of them sends so many frames, and something becomes due. */
    private void pauseWhileAllSend(int frames) throws Exception {
        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        loop.execute(() -> {
            dueMs = loop.nowMs() + PAUSE_MS / 2;
            stopped.countDown();
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        assertTrue(stopped.await(10, TimeUnit.SECONDS));
        send(frames);
        pausedMs.addAndGet(PAUSE_MS);
        goesOn.countDown();
    }

    private void assertAllIsReadBefore(int frames) throws Exception {
        assertEquals(frames, readBefore.get(10, TimeUnit.SECONDS));
    }

    @Test
    void framesOfNewcomersAreReadBeforeOverdueTimersRun() throws Exception {
        connect();
        pauseWhileAllSend(FEW);
        assertAllIsReadBefore(CONNECTIONS * FEW);
    }

    @Test
    void framesOfHeavyConnectionsAreReadBeforeOverdueTimersRun() throws Exception {
        connect();
        pass();
        send(MANY);
        Awaitility.await().until(() -> done.get() == CONNECTIONS * MANY);
        pauseWhileAllSend(MANY);
        assertAllIsReadBefore(2 * CONNECTIONS * MANY);
    }

    @Test
    void framesThatMakeAConnectionHeavyAreReadBeforeOverdueTimersRun() throws Exception {
        connect();
        pass();
        pauseWhileAllSend(MANY);
        assertAllIsReadBefore(CONNECTIONS * MANY);
    }

    @Test
    void framesAreReadBeforeOverdueTimersRunThoughTheServerIsBehind() throws Exception {
        connect();
        isBehind = true;
        pauseWhileAllSend(FEW);
        assertAllIsReadBefore(CONNECTIONS * FEW);
    }

    @Test
    void overdueTimersDoNotWaitForEver() throws Exception {
        connect();
        pass();
        stepMs = STEP_MS;
        pauseWhileAllSend(4 * MANY);
        int before = readBefore.get(10, TimeUnit.SECONDS);
        stepMs = 0;
        assertTrue(before < CONNECTIONS * 4 * MANY, before + " were read before");
        assertTrue(before > 0, "it was read from");
        Awaitility.await().until(() -> done.get() == CONNECTIONS * 4 * MANY);
    }
}
