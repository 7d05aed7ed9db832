package io.divvy.net;

import static io.divvy.net.RunningLoop.frame;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop with a handler that echoes, or fails as the frame says. */
@Timeout(30)
class EventLoopTest {
    private EventLoop loop;
    private InetSocketAddress address;
    private Thread thread;
    private final Queue<String> heard = new ConcurrentLinkedQueue<>();

    private static final EventLoop.Periodic NOTHING_PERIODIC = new EventLoop.Periodic() {
        @Override
        public void tick(long nowMs) {}

        @Override
        public long nextDeadlineMs() {
            return Long.MAX_VALUE;
        }
    };

    private record Echo(Connection connection, Queue<String> heard) implements ConnectionHandler {
        @Override
        public void onFrame(byte[] bytes, int offset, int length) {
            String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
            switch (text) {
                case "recurse" -> recurse(0);
                case "hoard" -> throw new OutOfMemoryError("as if there were no memory");
                default -> connection.send(frame(text));
            }
        }

        private static int recurse(int depth) {
            return recurse(depth + 1) + depth;
        }

        @Override
        public void onBadFrame(FrameException cause) {}

        @Override
        public void onTimeout(Timeout timeout, String message) {}

        @Override
        public void onOwnFailure() {
            heard.add("own failure");
        }

        @Override
        public void onClosed(String reason) {
            heard.add(reason);
        }
    }

    /** Fails when the peer is late. */
    private record FailingInTime(Queue<String> heard) implements ConnectionHandler {
        @Override
        public void onFrame(byte[] bytes, int offset, int length) {}

        @Override
        public void onBadFrame(FrameException cause) {}

        @Override
        public void onTimeout(Timeout timeout, String message) {
            throw new IllegalStateException("as if it were a mistake");
        }

        @Override
        public void onOwnFailure() {
            heard.add("own failure");
        }

        @Override
        public void onClosed(String reason) {
            heard.add(reason);
        }
    }

    @BeforeEach
    void start() throws IOException {
        loop = new EventLoop(Clock.system(), NetLimits.DEFAULT);
        address = loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        thread = new Thread(() -> {
            try {
                loop.run(connection -> new Echo(connection, heard), NOTHING_PERIODIC);
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

    private FrameSocket connect() throws IOException {
        return FrameSocket.connect(address, 5_000, 1_000);
    }

    @Test
    void anErrorThatOneConnectionLedToEndsThatConnectionAndNoOther() throws IOException {
        List<String> said = new ArrayList<>();
        for (String deadly : new String[] {"recurse", "hoard"}) {
            try (FrameSocket other = connect();
                    FrameSocket culprit = connect()) {
                culprit.send(frame(deadly));
                assertThrows(IOException.class, culprit::receive);
                other.send(frame("still here"));
                assertArrayEquals("still here".getBytes(StandardCharsets.UTF_8), other.receive());
                said.add("own failure"); // Before its end: it is not the peer that died.
                said.add("internal error");
            }
            said.add("closed by the peer"); // The other one.
            await().untilAsserted(() -> assertEquals(said, List.copyOf(heard)));
        }
    }

    @Test
    void anErrorInATaskOrATimerDoesNotEndTheLoop() throws IOException {
        loop.execute(() -> {
            throw new StackOverflowError("in a task");
        });
        loop.execute(() -> loop.schedule(0, () -> {
            throw new OutOfMemoryError("in what is due");
        }));
        try (FrameSocket socket = connect()) {
            socket.send(frame("still here"));
            assertArrayEquals("still here".getBytes(StandardCharsets.UTF_8), socket.receive());
        }
    }

    /** Nothing of it would ever be due again, and it would take its place for ever. */
    @Test
    void aConnectionInWhoseTimerSomethingFailsEnds() throws Exception {
        AtomicLong turnedMs = new AtomicLong();
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
        CountDownLatch begun = new CountDownLatch(1);
        try (EventLoop failing = new EventLoop(clock, NetLimits.DEFAULT)) {
            InetSocketAddress port = failing.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread running = new Thread(() -> {
                try {
                    failing.run(
                            connection -> {
                                begun.countDown();
                                return new FailingInTime(heard);
                            },
                            NOTHING_PERIODIC);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            running.start();
            try (FrameSocket silent = FrameSocket.connect(port, 5_000, 5_000)) {
                assertTrue(begun.await(5, TimeUnit.SECONDS));
                turnedMs.addAndGet(NetLimits.DEFAULT.handshakeTimeoutMs());
                failing.wake();
                await().untilAsserted(() -> assertEquals(List.of("own failure", "internal error"), List.copyOf(heard)));
            } finally {
                failing.stop();
                running.join();
            }
        }
    }

    @Test
    void aConnectionThatCannotBeginTakesNoPlace() throws Exception {
        AtomicInteger beginnings = new AtomicInteger();
        try (EventLoop failing = new EventLoop(Clock.system(), NetLimits.DEFAULT)) {
            InetSocketAddress port = failing.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread running = new Thread(() -> {
                try {
                    failing.run(
                            connection -> {
                                if (beginnings.incrementAndGet() <= 3) {
                                    throw new OutOfMemoryError("as if there were no memory");
                                }
                                return new Echo(connection, heard);
                            },
                            NOTHING_PERIODIC);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            running.start();
            try {
                for (int number = 0; number < 3; number++) {
                    try (FrameSocket unlucky = FrameSocket.connect(port, 5_000, 5_000)) {
                        assertThrows(IOException.class, unlucky::receive);
                    }
                }
                try (FrameSocket lucky = FrameSocket.connect(port, 5_000, 5_000)) {
                    lucky.send(frame("still here"));
                    lucky.receive();
                    CompletableFuture<Integer> open = new CompletableFuture<>();
                    failing.execute(() -> open.complete(failing.gauges().connections()));
                    assertEquals(1, open.get(5, TimeUnit.SECONDS));
                }
            } finally {
                failing.stop();
                running.join();
            }
        }
    }

    /** As a test turns it: on another thread, just after the loop has looked. */
    @Test
    void aWakeAfterTheClockWasTurnedMakesTheLoopLookAgain() throws Exception {
        AtomicLong nowMs = new AtomicLong(1_000);
        AtomicReference<Runnable> afterNextLook = new AtomicReference<>(() -> {});
        Clock clock = () -> {
            long seen = nowMs.get();
            afterNextLook.getAndSet(() -> {}).run();
            return seen;
        };
        CountDownLatch isDue = new CountDownLatch(1);
        CountDownLatch isSet = new CountDownLatch(1);
        try (EventLoop turned = new EventLoop(clock, NetLimits.DEFAULT)) {
            Thread turning = new Thread(() -> {
                try {
                    turned.run(connection -> new Echo(connection, heard), NOTHING_PERIODIC);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            turning.start();
            turned.execute(() -> {
                turned.schedule(61_000, isDue::countDown);
                // This task is of a turn, so the loop's next look at the clock decides how long it sleeps.
                afterNextLook.set(() -> {
                    nowMs.set(61_000);
                    turned.wake();
                });
                isSet.countDown();
            });
            assertTrue(isSet.await(5, TimeUnit.SECONDS));
            try {
                assertTrue(isDue.await(5, TimeUnit.SECONDS), "the loop sleeps by the time before the clock was turned");
            } finally {
                turned.stop();
                turning.join();
            }
        }
    }

    /** Else what is read in that turn looks, in the next one, as old as the pause was long. */
    @Test
    void aPauseBetweenTheTwoLooksAtTheClockDoesNotTurnBackTheTimeOfPeers() throws Exception {
        Clock system = Clock.system();
        AtomicLong pausedMs = new AtomicLong();
        AtomicLong nextPauseMs = new AtomicLong();
        Clock clock = new Clock() {
            @Override
            public long nowMs() {
                return system.nowMs() + pausedMs.get();
            }

            @Override
            public long elapsedMs() {
                pausedMs.addAndGet(nextPauseMs.getAndSet(0));
                return nowMs();
            }
        };
        try (EventLoop paused = new EventLoop(clock, NetLimits.DEFAULT)) {
            Thread running = new Thread(() -> {
                try {
                    paused.run(connection -> new Echo(connection, heard), NOTHING_PERIODIC);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            running.start();
            try {
                CompletableFuture<Long> passedMs = new CompletableFuture<>();
                paused.execute(() -> {
                    long beforeMs = paused.peerMs();
                    nextPauseMs.set(60_000);
                    paused.execute(() -> passedMs.complete(paused.peerMs() - beforeMs));
                });
                long ms = passedMs.get(5, TimeUnit.SECONDS);
                assertTrue(ms >= 0 && ms < 30_000, "peers had " + ms + " ms");
            } finally {
                paused.stop();
                running.join();
            }
        }
    }
}
