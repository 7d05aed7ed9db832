package io.divvy.net;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that are not read from for a reason of ours, and whose peers have gone meanwhile. */
@Timeout(60)
class UnreadConnectionsTest {
    private static final int FRAMES = 30;

    private final AtomicInteger read = new AtomicInteger();
    private final CompletableFuture<Connection> accepted = new CompletableFuture<>();
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private volatile boolean pausesIt;
    private RunningLoop running;
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
        running = new RunningLoop(connection -> {
            accepted.complete(connection);
            return new Counting();
        });
        peer = new Socket(running.address.getAddress(), running.address.getPort());
    }

    @AfterEach
    void stop() throws Exception {
        peer.close();
        running.close();
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
        running.turnedMs.addAndGet(ms);
        running.loop.wake();
        settle();
        settle();
    }

    private void settle() throws Exception {
        onLoop(() -> {});
    }

    private void onLoop(Runnable action) throws Exception {
        CompletableFuture.runAsync(action, running.loop::execute).get(10, TimeUnit.SECONDS);
    }

    private boolean isUnread() throws Exception {
        CompletableFuture<Boolean> isUnread = new CompletableFuture<>();
        onLoop(() -> isUnread.complete(accepted.join().reading().isUnreadByUs()));
        return isUnread.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aPeerThatLeavesWhileItIsPausedIsMissed() throws Exception {
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
    void framesOfAPeerThatCannotBeWrittenToAreReadThoughItIsInLineForLonger() throws Exception {
        running.isBehind.set(true);
        send(FRAMES);
        await().until(this::isUnread);
        reset();
        onLoop(() -> accepted.join()
                .send(ByteBuffer.allocate(5).putInt(1).put((byte) 0).flip()));
        turnMs(NetLimits.DEFAULT.lingerMs());
        assertEquals(0, read.get());
        running.isBehind.set(false);
        settle();
        await().until(closed::isDone);
        assertEquals(FRAMES, read.get());
    }
}
