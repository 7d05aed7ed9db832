package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.divvy.testing.RunningServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Where the first address of a name swallows what is sent to it, as one behind a firewall does. */
@EnabledOnOs(
        value = OS.LINUX,
        disabledReason = "elsewhere a full queue refuses, and 127.0.0.2 is no address of this machine")
class RestClientTest {
    private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(1_000);

    private final RunningServer server = RunningServer.start();
    private final int port = server.httpAddress().getPort();
    private final URI url = URI.create("http://127.0.0.2:" + port);
    private final List<Socket> queue = new ArrayList<>();
    private ServerSocket silent;

    /** Nobody accepts, and no more connections fit into the queue. */
    @BeforeEach
    void fillTheQueue() throws IOException {
        silent = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.2"));
        for (int i = 0; i < 100; i++) {
            Socket socket = new Socket();
            queue.add(socket);
            try {
                socket.connect(silent.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
        fail("connections still fit into the queue of " + silent);
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : queue) {
            socket.close();
        }
        silent.close();
        server.close();
    }

    private HostAddresses addresses(String... addresses) {
        return HostAddresses.of(url, name -> {
            List<InetAddress> all = new ArrayList<>();
            for (String address : addresses) {
                all.add(InetAddress.getByName(address));
            }
            return all.toArray(new InetAddress[0]);
        });
    }

    @Test
    void theNextAddressIsTriedAfterItsPartOfTheTime() throws Exception {
        long beforeNs = System.nanoTime();
        RestClient client = new RestClient(url, addresses("127.0.0.2", "127.0.0.1"), CONNECT_TIMEOUT);
        assertTrue(client.get("/health").has("tcp_port"));
        Duration took = Duration.ofNanos(System.nanoTime() - beforeNs);
        assertTrue(took.compareTo(CONNECT_TIMEOUT.dividedBy(2)) >= 0, took::toString);
    }

    @Test
    void theAddressThatAnsweredIsTriedFirstFromThenOn() throws Exception {
        HostAddresses addresses = addresses("127.0.0.2", "127.0.0.1");
        assertEquals("127.0.0.2", addresses.places(url).get(0).url().getHost());
        new RestClient(url, addresses, CONNECT_TIMEOUT).get("/health");
        assertEquals("127.0.0.1", addresses.places(url).get(0).url().getHost());
        assertEquals("127.0.0.2", addresses.places(url).get(1).url().getHost());
    }

    @Test
    void whereNobodyAnswersTheTimeIsThatOfOneTry() {
        NoServerException failure = assertThrows(
                NoServerException.class,
                () -> new RestClient(url, addresses("127.0.0.2", "127.0.0.2"), CONNECT_TIMEOUT).get("/health"));
        assertEquals(
                "no Divvy server at " + url
                        + " (it did not answer in time); start one with \"divvy server\" or name another with --server",
                failure.getMessage());
    }
}
