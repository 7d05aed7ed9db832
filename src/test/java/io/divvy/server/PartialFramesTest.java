package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.net.NetLimits;
import io.divvy.testing.NetLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Frames that begin and do not end take room in the server: little from strangers, and a bounded one together. */
class PartialFramesTest {
    private static final int FRAME = 1 << 20;
    private static final long ROOM = 3 << 20;
    private static final int LITTLE_ROOM = 1 << 16;
    private static final NetLimits LIMITS = NetLimitsOf.partialFrameBytes(ROOM);

    /** A question of a megabyte about a task that there is not. */
    private static byte[] largeFrame() {
        return WirePeer.frame("{'type':'status','request':1,'task_id':'x','padding':'" + "x".repeat(FRAME) + "'}");
    }

    private static byte[] withoutItsEnd(byte[] frame) {
        return Arrays.copyOf(frame, frame.length - 1);
    }

    private static CompletableFuture<Void> send(WirePeer peer, byte[] bytes) {
        return CompletableFuture.runAsync(() -> peer.sendBytes(bytes));
    }

    @Test
    void aStrangerMaySendASmallFrameOnly() {
        try (TcpServer server = TcpServer.start();
                WirePeer peer = WirePeer.connect(server)) {
            peer.sendBytes((byte) 0, (byte) 1, (byte) 0, (byte) 1);
            assertEquals(
                    "a frame of 65,537 bytes is too large; at most 65,536 are taken",
                    peer.receiveError("frame_too_large"));
            peer.receiveEnd();
        }
    }

    @Test
    void aPeerMaySendALargeFrameAfterItsHello() {
        try (TcpServer server = TcpServer.start();
                WirePeer peer = WirePeer.sender(server)) {
            peer.sendBytes(largeFrame());
            peer.receiveError("not_found");
        }
    }

    @Test
    void allPartialFramesTogetherTakeBoundedRoomAndAllComeToTheirEnd() {
        try (TcpServer server = TcpServer.start(LIMITS)) {
            List<WirePeer> peers = new ArrayList<>();
            byte[] frame = largeFrame();
            for (int i = 0; i < 8; i++) {
                WirePeer peer = WirePeer.sender(server);
                peers.add(peer);
                send(peer, withoutItsEnd(frame));
            }
            await().until(() -> server.gauges().muted() >= 4);
            server.settle();
            // Each decoder begins with a buffer of some hundred bytes.
            long most = ROOM + frame.length + 8 * 512;
            assertTrue(server.gauges().partialFrameBytes() <= most, server.gauges() + " is too much");

            // Small messages still come through.
            WirePeer other = WirePeer.sender(server);
            other.send("{'type':'status','task_id':'x'}");
            other.receiveError("not_found");

            for (WirePeer peer : peers) {
                send(peer, Arrays.copyOfRange(frame, frame.length - 1, frame.length));
            }
            for (WirePeer peer : peers) {
                peer.receiveError("not_found");
            }
            server.settle();
            assertEquals(0, server.gauges().partialFrameBytes());
            assertEquals(0, server.gauges().muted());
            peers.forEach(WirePeer::close);
            other.close();
        }
    }

    @Test
    void framesThatStallGiveTheirRoomToThoseThatWait() {
        try (TcpServer server = TcpServer.start(LIMITS)) {
            List<WirePeer> stalling = new ArrayList<>();
            byte[] frame = largeFrame();
            for (int i = 0; i < 8; i++) {
                WirePeer peer = WirePeer.sender(server);
                stalling.add(peer);
                send(peer, withoutItsEnd(frame));
            }
            await().until(() -> server.gauges().muted() >= 4);
            try (WirePeer honest = WirePeer.sender(server)) {
                send(honest, frame);
                await().until(() -> server.gauges().muted() >= 5);
                while (honest.available() == 0) {
                    // What has room has the time to come, however short the pieces are in which a busy machine reads
                    // it.
                    for (int turns = 0; turns < 1_000 && honest.available() == 0; turns++) {
                        server.settle();
                    }
                    server.advanceMs(LIMITS.frameTimeoutMs());
                    assertTrue(server.gauges().partialFrameBytes() <= ROOM + frame.length);
                }
                honest.receiveError("not_found");
            }
            stalling.forEach(WirePeer::vanish);
            server.awaitConnections(0);
            assertEquals(0, server.gauges().partialFrameBytes());
        }
    }

    @Test
    void aSmallFrameInPiecesDoesNotWaitForLargeOnes() {
        try (TcpServer server = TcpServer.start(LIMITS);
                WirePeer other = WirePeer.sender(server)) {
            List<WirePeer> stalling = stallAll(server);
            byte[] small = WirePeer.frame(
                    "{'type':'status','request':1,'task_id':'x','padding':'" + "x".repeat(10_000) + "'}");
            other.sendBytes(Arrays.copyOf(small, 5_000));
            server.settle();
            other.sendBytes(Arrays.copyOfRange(small, 5_000, small.length));
            other.receiveError("not_found");
            stalling.forEach(WirePeer::close);
        }
    }

    @Test
    void aLargeFrameThatComesSlowlyIsCutWhileOthersWait() {
        try (TcpServer server = TcpServer.start(LIMITS);
                WirePeer honest = WirePeer.sender(server)) {
            List<WirePeer> stalling = stallAll(server);
            send(honest, largeFrame());
            await().until(() -> server.gauges().muted() >= 5);
            for (int looks = 0; looks < 14 && honest.available() == 0; looks++) {
                server.advanceMs(2_000);
                for (int turns = 0; turns < 1_000 && honest.available() == 0; turns++) {
                    server.settle(); // What has room has the time to come.
                }
            }
            honest.receiveError("not_found");
            String why = stalling.get(0).receiveError("bad_frame");
            assertTrue(why.startsWith("less than 16384 bytes of a large frame came in 2000 ms"), why);
            stalling.forEach(WirePeer::close);
        }
    }

    @Test
    void aPeerThatStopsInALargeFrameIsCutWhileOthersWaitForItsRoom() {
        try (TcpServer server = TcpServer.start(NetLimitsOf.partialFrameBytes(LITTLE_ROOM));
                WirePeer honest = WirePeer.sender(server)) {
            List<WirePeer> stalling = takeAllOf(server);
            send(
                    honest,
                    WirePeer.frame(
                            "{'type':'status','request':1,'task_id':'x','padding':'" + "x".repeat(100_000) + "'}"));
            await().until(() -> server.gauges().muted() == 1);
            for (int looks = 0; looks < 5 && honest.available() == 0; looks++) {
                server.advanceMs(NetLimits.DEFAULT.frameTimeoutMs() / 10);
                for (int turns = 0; turns < 100 && honest.available() == 0; turns++) {
                    server.settle();
                }
            }
            honest.receiveError("not_found");
            stalling.get(stalling.size() - 1).receiveError("bad_frame");
            stalling.forEach(WirePeer::close);
        }
    }

    @Test
    void aFirstFrameThatWaitsForRoomIsNotLate() {
        try (TcpServer server = TcpServer.start(NetLimitsOf.partialFrameBytes(LITTLE_ROOM))) {
            List<WirePeer> stalling = takeAllOf(server);
            try (WirePeer stranger = WirePeer.connect(server)) {
                byte[] hello = WirePeer.frame("{'type':'task_sender','protocol':2,'name':'" + "x".repeat(200) + "'}");
                stranger.sendBytes(Arrays.copyOf(hello, 150));
                await().until(() -> server.gauges().muted() == 1);
                server.advanceMs(NetLimits.DEFAULT.handshakeTimeoutMs());
                stranger.sendBytes(Arrays.copyOfRange(hello, 150, hello.length));
                server.advanceMs(NetLimits.DEFAULT.frameTimeoutMs() / 10);
                stranger.receive("welcome");
            }
            stalling.forEach(WirePeer::close);
        }
    }

    /** All the room is taken, both that of large frames and that of small ones; the last was given some before others. */
    private static List<WirePeer> takeAllOf(TcpServer server) {
        List<WirePeer> stalling = new ArrayList<>();
        // How many bytes each frame has, and how many of them come.
        int[][] frames = {{32_764, 32_750}, {15_000, 14_990}, {15_000, 14_990}, {2_700, 2_690}, {FRAME, 100}};
        for (int[] frame : frames) {
            WirePeer peer = WirePeer.sender(server);
            stalling.add(peer);
            byte[] whole =
                    WirePeer.frame("{'type':'status','task_id':'x','padding':'" + "x".repeat(frame[0] - 45) + "'}");
            peer.sendBytes(Arrays.copyOf(whole, frame[1]));
            for (int turns = 0; turns < 20; turns++) {
                server.settle();
            }
        }
        assertEquals(0, server.gauges().muted());
        return stalling;
    }

    private static List<WirePeer> stallAll(TcpServer server) {
        List<WirePeer> stalling = new ArrayList<>();
        byte[] frame = largeFrame();
        for (int i = 0; i < 8; i++) {
            WirePeer peer = WirePeer.sender(server);
            stalling.add(peer);
            send(peer, withoutItsEnd(frame));
        }
        await().until(() -> server.gauges().muted() >= 4);
        return stalling;
    }
}
