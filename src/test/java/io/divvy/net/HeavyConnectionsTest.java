package io.divvy.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that send much at once, beside one that sends little. */
@Timeout(60)
class HeavyConnectionsTest {
    private static final int CONNECTIONS = 50;
    private static final int FRAMES = 600;
    private static final int FRAME_BYTES = 100;
    private static final long WORK_NANOS = 100_000;

    private final AtomicInteger done = new AtomicInteger();
    private EventLoop loop;
    private InetSocketAddress address;
    private Thread thread;

    /** Works for a tenth of a millisecond for each frame of the heavy ones; echoes a short one. */
    private final class Working implements ConnectionHandler {
        private final Connection connection;

        private Working(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void onFrame(byte[] bytes, int offset, int length) {
            if (length < FRAME_BYTES) {
                connection.send(frame(length));
                return;
            }
            long startNanos = System.nanoTime();
            while (System.nanoTime() - startNanos < WORK_NANOS) {
                Thread.onSpinWait();
            }
            done.incrementAndGet();
        }

        @Override
        public void onBadFrame(FrameException cause) {}

        @Override
        public void onTimeout(Timeout timeout, String message) {}

        @Override
        public void onClosed(String reason) {}
    }

    private static ByteBuffer frame(int length) {
        return ByteBuffer.allocate(4 + length)
                .putInt(length)
                .put(new byte[length])
                .flip();
    }

    @BeforeEach
    void start() throws IOException {
        loop = new EventLoop(Clock.system(), NetLimits.DEFAULT);
        address = loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        EventLoop.Periodic nothing = new EventLoop.Periodic() {
            @Override
            public void tick(long nowMs) {}

            @Override
            public long nextDeadlineMs() {
                return Long.MAX_VALUE;
            }
        };
        thread = new Thread(() -> {
            try {
                loop.run(Working::new, nothing);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        loop.stop();
        thread.join();
    }

    @Test
    void whoSendsLittleDoesNotWaitForAllThatOthersSend() throws Exception {
        CountDownLatch allIsSent = new CountDownLatch(1);
        List<FrameSocket> heavy = new ArrayList<>();
        try (FrameSocket light = FrameSocket.connect(address, 5_000, 30_000)) {
            loop.execute(() -> await(allIsSent));
            ByteBuffer frames = ByteBuffer.allocate(FRAMES * (4 + FRAME_BYTES));
            for (int number = 0; number < FRAMES; number++) {
                frames.put(frame(FRAME_BYTES));
            }
            for (int number = 0; number < CONNECTIONS; number++) {
                FrameSocket socket = FrameSocket.connect(address, 5_000, 30_000);
                heavy.add(socket);
                socket.send(frames.duplicate().flip());
            }
            light.send(frame(1));
            allIsSent.countDown();

            assertEquals(1, light.receive().length);

            int before = done.get();
            assertTrue(before < CONNECTIONS * FRAMES / 2, before + " frames of others were done before");
            Awaitility.await().until(() -> done.get() == CONNECTIONS * FRAMES);
        } finally {
            for (FrameSocket socket : heavy) {
                socket.close();
            }
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
