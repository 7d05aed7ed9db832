package io.divvy.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** An event loop on a thread of its own, with a clock that runs and can be turned on; that is not taken for a pause. */
final class RunningLoop implements AutoCloseable {
    final EventLoop loop;
    final InetSocketAddress address;
    final AtomicLong turnedMs = new AtomicLong();
    /** Whether the loop is told that what it serves is behind. */
    final AtomicBoolean isBehind = new AtomicBoolean();

    private final Thread thread;

    /** A handler that needs nothing but frames. */
    interface TakesFrames extends ConnectionHandler {
        @Override
        default void onBadFrame(FrameException cause) {}

        @Override
        default void onTimeout(Timeout timeout, String message) {}

        @Override
        default void onClosed(String reason) {}
    }

    /** A text as a frame, header included. */
    static ByteBuffer frame(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .flip();
    }

    /** @param onAccept as {@link EventLoop#run} takes it */
    RunningLoop(Function<Connection, ConnectionHandler> onAccept) throws IOException {
        Clock system = Clock.system();
        Clock clock = new Clock() {
            @Override
            public long nowMs() {
                return system.nowMs() + turnedMs.get();
            }

            @Override
            public long elapsedMs() {
                return system.nowMs();
            }
        };
        loop = new EventLoop(clock, NetLimits.DEFAULT);
        address = loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        thread = new Thread(() -> run(onAccept));
        thread.start();
    }

    private void run(Function<Connection, ConnectionHandler> onAccept) {
        try {
            loop.run(onAccept, new EventLoop.Periodic() {
                @Override
                public void tick(long nowMs) {}

                @Override
                public boolean isBehind() {
                    return isBehind.get();
                }

                @Override
                public long nextDeadlineMs() {
                    return Long.MAX_VALUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        loop.stop();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
