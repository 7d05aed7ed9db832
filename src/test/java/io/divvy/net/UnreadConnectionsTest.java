package io.divvy.net;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that are not read from for a reason of ours, and whose peers have gone meanwhile. */
@Timeout(60)
class UnreadConnectionsTest {
    private static final int FRAMES = 30;

    private final AtomicLong turnedMs = new AtomicLong();
    private final AtomicInteger read = new AtomicInteger();
    private final CompletableFuture<Connection> accepted = new CompletableFuture<>();
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private volatile boolean isBehind;
    private volatile boolean pausesIt;
    private EventLoop loop;
    private Thread thread;
    private Socket peer;

    private final class Counting implements ConnectionHandler {
        @Override
        public void onFrame(byte[] bytes, int offset, int length) {
            read.incrementAndGet();
            if (pausesIt) {
                accepted.join().pause();
            }
        }

        @Override
        public void onBadFrame(FrameException cause) {}

        @Override
        public void onTimeout(Timeout timeout, String message) {}

        @Override
        public void onClosed(String reason) {
            closed.complete(reason);
        }
    }

    @BeforeEach
    void start() throws IOException {
        Clock system = Clock.system();
        Clock clock = new Clock() {
            @Override
            public long nowMs() {
                return system.nowMs() + turnedMs.get();
            }

            @Override
            public long elapsedMs() {
                return system.nowMs(); // It is not taken for a pause.
            }
        };
        loop = new EventLoop(clock, NetLimits.DEFAULT);
        InetSocketAddress address = loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        EventLoop.Periodic periodic = new EventLoop.Periodic() {
            @Override
            public void tick(long nowMs) {}

            @Override
            public boolean isBehind() {
                return isBehind;
            }

            @Override
            public long nextDeadlineMs() {
                return Long.MAX_VALUE;
            }
        };
        thread = new Thread(() -> {
            try {
                loop.run(
                        connection -> {
                            accepted.complete(connection);
                            return new Counting();
                        },
                        periodic);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
        peer = new Socket(address.getAddress(), address.getPort());
    }

    @AfterEach
    void stop() throws Exception {
        peer.close();
        loop.stop();
        thread.join();
    }

    private void send(int frames) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(5 * frames);
        for (int number = 0; number < frames; number++) {
            bytes.putInt(1).put((byte) 0);
        }
        peer.getOutputStream().write(bytes.array());
    }

    private void reset() throws IOException {
        peer.setSoLinger(true, 0);
        peer.close();
    }

    private void turnMs(long ms) throws Exception {
        turnedMs.addAndGet(ms);
        loop.wake();
        settle();
        settle();
    }

    private void settle() throws Exception {
        onLoop(() -> {});
    }

    private void onLoop(Runnable action) throws Exception {
        CompletableFuture.runAsync(action, loop::execute).get(10, TimeUnit.SECONDS);
    }

    private boolean isUnread() throws Exception {
        CompletableFuture<Boolean> isUnread = new CompletableFuture<>();
        onLoop(() -> isUnread.complete(accepted.join().isUnreadByUs()));
        return isUnread.get(10, TimeUnit.SECONDS);
    }

    @Test
    void whoHasGoneWhileItIsPausedIsMissed() throws Exception {
        pausesIt = true;
        send(1);
        await().until(this::isUnread);
        reset();
        await().pollInterval(Duration.ofMillis(10)).until(() -> {
            turnMs(1_000);
            return closed.isDone();
        });
        assertEquals(1, read.get());
    }

    /** It says last that it leaves, for instance. */
    @Test
    void whatOneSentThatCannotBeWrittenToIsReadThoughItIsInLineForLonger() throws Exception {
        isBehind = true;
        send(FRAMES);
        await().until(this::isUnread);
        reset();
        onLoop(() -> accepted.join()
                .send(ByteBuffer.allocate(5).putInt(1).put((byte) 0).flip()));
        turnMs(NetLimits.DEFAULT.lingerMs());
        assertEquals(0, read.get());
        isBehind = false;
        settle();
        await().until(closed::isDone);
        assertEquals(FRAMES, read.get());
    }
}
