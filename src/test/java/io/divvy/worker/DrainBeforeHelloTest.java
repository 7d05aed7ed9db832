package io.divvy.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.net.FrameSocket;
import io.divvy.protocol.Hello;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.task.TaskTypes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ctrl-C right after the start: the first that a server hears of a worker is its hello, or nothing. */
@Timeout(30)
class DrainBeforeHelloTest {
    @Test
    void aWorkerThatIsDrainedBeforeItsHelloLeavesWithoutAWord() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            FrameSocket socket = FrameSocket.connect(
                    (InetSocketAddress) server.getLocalSocketAddress(), 5_000, ProtocolLimits.MAX_FRAME_BYTES);
            Hello.Worker.Draft hello = new Hello.Worker.Draft(1, 1);
            hello.name = "w";
            Workshop workshop = new Workshop(1, why -> {});
            WorkSession session = new WorkSession(socket, hello.finish(), TaskTypes.builtin(), workshop, 10_000);
            try (Socket accepted = server.accept()) {
                session.drain();
                assertEquals("drained", session.run());
                assertEquals(0, accepted.getInputStream().readAllBytes().length);
            } finally {
                workshop.close();
            }
        }
    }
}
