package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.net.ConnectException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class GracefulStopTest {
    @Test
    void answersBeforeAStopAreStillReadAndTheStreamEndsCleanly() {
        TcpServer server = TcpServer.start();
        try (WirePeer sender = WirePeer.sender(server);
                WirePeer worker = WirePeer.worker(server, 1);
                WirePeer plain = WirePeer.plainWorker(server)) {
            sender.send("{'type':'status','request':1,'task_id':'x'}");
            server.settle();
            CompletableFuture<Void> stopping = CompletableFuture.runAsync(server::close);
            sender.receiveError("not_found");
            assertTrue(worker.receive("goaway").get("reconnect").booleanValue(), "another server may come");
            for (WirePeer peer : new WirePeer[] {sender, worker, plain}) {
                peer.receiveEnd();
                peer.vanish();
            }
            stopping.join();
            assertThrows(
                    ConnectException.class,
                    () -> new Socket(
                                    server.address().getAddress(),
                                    server.address().getPort())
                            .close());
        }
    }

    @Test
    void aPeerThatDoesNotCloseItsSideHoldsUpTheStopForLingerAtMost() {
        TcpServer server = TcpServer.start();
        try (WirePeer stubborn = WirePeer.worker(server, 1)) {
            assertTimeoutPreemptively(Duration.ofSeconds(10), server::close);
            stubborn.receive("goaway");
            stubborn.receiveEnd();
        }
    }

    @Test
    void aServerThatHasStoppedRefusesWhatComesTooLate() {
        TcpServer server = TcpServer.start();
        server.close();
        CompletionException refused = assertThrows(
                CompletionException.class, () -> server.gateway().find("x").join());
        assertEquals(
                ErrorCode.BUSY,
                assertInstanceOf(RefusedException.class, refused.getCause()).code());
    }
}
