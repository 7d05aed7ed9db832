package io.divvy.net;

import static io.divvy.net.RunningLoop.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a peer is told and does not wait for: it comes soon, in its order, whatever else the loop does. */
@Timeout(30)
class UnhurriedFramesTest {
    private static final ByteBuffer RECEIPT = frame("receipt");

    /** Answers each frame with a receipt, in company, and one that says "work" with work as well. */
    private record Receipts(Connection connection, boolean isLast) implements RunningLoop.TakesFrames {
        Receipts(Connection connection) {
            this(connection, false);
        }

        @Override
        public void onFrame(byte[] bytes, int offset, int length) {
            connection.sendInCompany(RECEIPT.duplicate());
            if (new String(bytes, offset, length, StandardCharsets.UTF_8).equals("work")) {
                connection.send(frame("work"));
            }
            if (isLast) {
                connection.close("that was all");
            }
        }
    }

    private static String receive(FrameSocket peer) throws IOException {
        return new String(peer.receive(), StandardCharsets.UTF_8);
    }

    @Test
    void unhurriedFramesAreWrittenBeforeTheLoopSleeps() throws IOException {
        try (RunningLoop running = new RunningLoop(Receipts::new);
                FrameSocket peer = FrameSocket.connect(running.address, 5_000, 1_000)) {
            long quickestNanos = Long.MAX_VALUE;
            for (int i = 0; i < 3; i++) { // Once the machine may be slow.
                long startNanos = System.nanoTime();
                peer.send(frame("hello"));
                assertEquals("receipt", receive(peer));
                quickestNanos = Math.min(quickestNanos, System.nanoTime() - startNanos);
            }
            long sleepNanos = TimeUnit.MILLISECONDS.toNanos(NetLimits.LONGEST_SLEEP_MS);
            assertTrue(quickestNanos < sleepNanos / 2, quickestNanos + " ns, and it sleeps for " + sleepNanos);
        }
    }

    @Test
    void unhurriedFramesAreWrittenInTheNextTurnByALoopThatNeverSleeps() throws Exception {
        CompletableFuture<Connection> accepted = new CompletableFuture<>();
        CompletableFuture<Long> waitingTwoTurnsLater = new CompletableFuture<>();
        try (RunningLoop running = new RunningLoop(connection -> {
                    accepted.complete(connection);
                    return new Receipts(connection);
                });
                FrameSocket peer = FrameSocket.connect(running.address, 5_000, 1_000)) {
            peer.send(frame("hello"));
            assertEquals("receipt", receive(peer));
            Connection connection = accepted.get();
            EventLoop loop = running.loop;
            loop.execute(new Runnable() {
                private static final int BUSY_TURNS = 1_000; // By then it knows that it need not sleep.
                private int turns;

                @Override
                public void run() {
                    turns++;
                    if (turns == BUSY_TURNS) {
                        connection.sendInCompany(RECEIPT.duplicate());
                    }
                    if (turns < BUSY_TURNS + 2) {
                        loop.execute(this); // In the next turn.
                    } else {
                        waitingTwoTurnsLater.complete(connection.outboundBytes());
                    }
                }
            });
            assertEquals(0, waitingTwoTurnsLater.get());
            assertEquals("receipt", receive(peer));
        }
    }

    @Test
    void unhurriedFramesKeepTheirOrderAmongOthers() throws IOException {
        try (RunningLoop running = new RunningLoop(Receipts::new);
                FrameSocket peer = FrameSocket.connect(running.address, 5_000, 1_000)) {
            peer.send(frame("hello"));
            peer.send(frame("work"));
            assertEquals("receipt", receive(peer));
            assertEquals("receipt", receive(peer));
            assertEquals("work", receive(peer));
        }
    }

    @Test
    void unhurriedFramesAreWrittenBeforeAConnectionCloses() throws IOException {
        try (RunningLoop running = new RunningLoop(connection -> new Receipts(connection, true));
                FrameSocket peer = FrameSocket.connect(running.address, 5_000, 1_000)) {
            peer.send(frame("hello"));
            assertEquals("receipt", receive(peer));
        }
    }
}
