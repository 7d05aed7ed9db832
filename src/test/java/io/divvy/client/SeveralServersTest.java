package io.divvy.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.net.WrongPortException;
import io.divvy.testing.RunningServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that knows several servers. */
class SeveralServersTest {
    /** A port of this machine at which nobody is. */
    private static InetSocketAddress nobody() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
    }

    @Test
    void theFirstThatIsThereIsTaken() throws Exception {
        try (RunningServer server = RunningServer.start();
                DivvyClient client = DivvyClient.connect(List.of(nobody(), server.address()), ClientOptions.DEFAULT)) {
            assertEquals(server.httpUri(""), client.httpApi());
        }
    }

    @Test
    void whenOneIsGoneTheOtherIsTaken() throws Exception {
        try (RunningServer first = RunningServer.start();
                RunningServer second = RunningServer.start();
                DivvyClient client =
                        DivvyClient.connect(List.of(first.address(), second.address()), ClientOptions.DEFAULT)) {
            assertEquals(first.httpUri(""), client.httpApi());
            first.close();
            TaskRefusedException refusal =
                    assertThrows(TaskRefusedException.class, () -> client.status("no-such-task"));
            assertEquals("not_found", refusal.code());
            assertEquals(second.httpUri(""), client.httpApi());
        }
    }

    @Test
    void whereNoneIsItSaysWhyTheFirstIsNot() throws Exception {
        List<InetSocketAddress> servers = List.of(nobody(), nobody());
        IOException failure =
                assertThrows(IOException.class, () -> DivvyClient.connect(servers, ClientOptions.DEFAULT));
        assertTrue(String.valueOf(failure.getMessage()).contains("Connection refused"), failure::toString);
    }

    /** Whatever is there, its answer must not be what ends the thread that connects. */
    @ParameterizedTest
    @ValueSource(
            strings = {"HTTP/1.1 400 Bad\r\nDivvy-Tcp-Port: 99999\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nhello", "HTTP"})
    void anythingElseThatAnswersInHttpIsNamedToo(String answer) throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> {
                try (Socket client = other.accept()) {
                    client.getInputStream().read();
                    client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    // The client fails for it, and the test with it.
                }
            });
            answering.start();
            WrongPortException failure = assertThrows(
                    WrongPortException.class,
                    () -> DivvyClient.connect((InetSocketAddress) other.getLocalSocketAddress()));
            assertTrue(
                    String.valueOf(failure.getMessage())
                            .endsWith(" answers in HTTP; expected the TCP port of a Divvy server"),
                    failure::toString);
            answering.join();
        }
    }

    @Test
    void theHttpPortIsRecognised() {
        try (RunningServer server = RunningServer.start()) {
            WrongPortException failure =
                    assertThrows(WrongPortException.class, () -> DivvyClient.connect(server.httpAddress()));
            assertTrue(
                    String.valueOf(failure.getMessage())
                                    .endsWith(" is the HTTP port of a Divvy server; use localhost:"
                                            + server.address().getPort())
                            || String.valueOf(failure.getMessage())
                                    .endsWith(" is the HTTP port of a Divvy server; use 127.0.0.1:"
                                            + server.address().getPort()),
                    failure::toString);
        }
    }
}
