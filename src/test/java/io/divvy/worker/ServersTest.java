package io.divvy.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.net.FrameSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which of several servers a worker connects to. */
class ServersTest {
    private static final int TIMEOUT_MS = 5_000;

    private final ServerSocket first = listen();
    private final ServerSocket second = listen();

    private static ServerSocket listen() {
        try {
            return new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void stop() throws IOException {
        first.close();
        second.close();
    }

    private Servers both() {
        return new Servers(List.of(
                (InetSocketAddress) first.getLocalSocketAddress(), (InetSocketAddress) second.getLocalSocketAddress()));
    }

    private static void assertConnects(Servers servers, ServerSocket expected) throws IOException {
        expected.setSoTimeout(TIMEOUT_MS);
        FrameSocket socket = servers.connect(TIMEOUT_MS);
        try (Socket accepted = expected.accept()) {
            assertTrue(accepted.isConnected());
        } finally {
            socket.close();
        }
    }

    @Test
    void theFirstThatIsThereIsTakenAndKept() throws IOException {
        Servers servers = both();
        assertConnects(servers, first);
        first.close();
        assertConnects(servers, second);
        assertConnects(servers, second);
    }

    @Test
    void theOtherIsTakenAfterOneThatDoesNotWantTheWorker() throws IOException {
        Servers servers = both();
        assertConnects(servers, first);
        servers.next();
        assertConnects(servers, second);
    }

    @Test
    void whereNoneIsItSaysWhyTheFirstIsNot() throws IOException {
        Servers servers = both();
        stop();
        IOException failure = assertThrows(IOException.class, () -> servers.connect(TIMEOUT_MS));
        assertEquals("Connection refused", failure.getMessage());
        assertTrue(servers.toString().matches("\\S+:\\d+, \\S+:\\d+"), servers::toString);
    }
}
