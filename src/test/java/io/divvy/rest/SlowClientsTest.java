package io.divvy.rest;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Limits;
import io.divvy.testing.HttpExchange;
import io.divvy.testing.OpenApiContract;
import io.divvy.testing.RunningServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that keep connections, or send slowly: they cost no thread and stop nobody. */
@Timeout(30)
class SlowClientsTest {
    private static final String TASK = """
            {"type":"mine","payloads":[1]}""";

    private final List<Socket> sockets = new ArrayList<>();
    private RunningServer server = RunningServer.start();

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close();
    }

    @Test
    void bodiesThatStopHalfwayHoldNobodyUp() throws IOException {
        for (int i = 0; i < 64; i++) {
            send(connect(), "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"type\"");
        }
        server.request().get("/health").then().statusCode(200);
        server.request().body(TASK).post("/tasks").then().statusCode(202);
    }

    @Test
    void aBodyThatComesByteByByteIsReadWhole() throws IOException {
        Socket socket = connect();
        socket.setTcpNoDelay(true);
        send(socket, "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + TASK.length() + "\r\n\r\n");
        for (char c : TASK.toCharArray()) {
            send(socket, String.valueOf(c));
        }
        assertEquals(202, answer(socket));
    }

    @Test
    void aChunkedBodyOverTheLimitIsRefused() throws IOException {
        start(withBodyBytes(1_000, 1_000_000));
        Socket socket = connect();
        send(socket, "POST /tasks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        send(socket, "3e9\r\n" + " ".repeat(1_001) + "\r\n0\r\n\r\n");
        assertEquals(413, answer(socket));
    }

    @Test
    void aBodyThatIsAnnouncedFarTooLongIsRefusedAtOnce() throws IOException {
        start(withBodyBytes(1_000, 1_000_000));
        Socket socket = connect();
        send(socket, "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000000\r\n\r\n");
        assertEquals(413, answer(socket));
    }

    @Test
    void bodiesOnTheirWayHaveALimitTogether() throws IOException {
        start(withBodyBytes(10_000, 12_000));
        Socket slow = connect();
        send(
                slow,
                "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n" + TASK + " ".repeat(8_000));
        await().until(() -> {
            server.request()
                    .body(TASK + " ".repeat(9_000))
                    .post("/tasks")
                    .then()
                    .statusCode(202);
            return slow.getInputStream().available() > 0;
        });
        HttpExchange refused = HttpExchange.readAnswer("POST", "/tasks", TASK, slow.getInputStream());
        assertEquals(503, refused.status(), "the slowest gives way");
        assertEquals("1", refused.headers().get("Retry-After"));
        assertTrue(new String(refused.body(), StandardCharsets.UTF_8).contains("this one comes the slowest"));
    }

    @Test
    void manyClientsKeepTheirConnections() throws IOException {
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            clients.add(connect());
        }
        for (int round = 0; round < 5; round++) {
            for (Socket client : clients) {
                send(
                        client,
                        "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + TASK.length() + "\r\n\r\n"
                                + TASK);
            }
            for (Socket client : clients) {
                assertEquals(202, answer(client));
            }
        }
    }

    private void start(RestLimits limits) {
        server.close();
        server = RunningServer.start(Limits.DEFAULT, limits);
    }

    private static RestLimits withBodyBytes(int bodyBytes, long bufferedBodyBytes) {
        return RestLimits.with()
                .bodyBytes(bodyBytes)
                .bufferedBodyBytes(bufferedBodyBytes)
                .build();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(
                server.httpAddress().getAddress(), server.httpAddress().getPort());
        socket.setSoTimeout(10_000);
        sockets.add(socket);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The status of the answer to {@code POST /tasks}. */
    private static int answer(Socket socket) throws IOException {
        HttpExchange exchange = HttpExchange.readAnswer("POST", "/tasks", TASK, socket.getInputStream());
        OpenApiContract.FILTER.require(exchange);
        return exchange.status();
    }
}
