package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.protocol.Json;
import io.divvy.scheduler.Limits;
import io.divvy.server.ServerGauges;
import io.divvy.testing.HttpExchange;
import io.divvy.testing.OpenApiContract;
import io.divvy.testing.RunningServer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients whose answer is held and that go away meanwhile, or keep the server busy in other ways. */
@Timeout(60)
class AbandonedWaitsTest {
    private static final Duration NOTICED_WITHIN = Duration.ofSeconds(5);
    private static final int SUBTASKS = 3;
    private static final int RESULT_CHARS = 3 << 20;

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
    void aClientThatLeavesIsNoticedAndNothingIsLeftOfItsWait() throws IOException {
        String task = submit();
        ServerGauges before = gauges();
        int connections = server.rest().connections();
        for (int i = 0; i < 300; i++) {
            send(connect(), wait(task));
        }
        await().until(() -> server.rest().openWaits() == 300);
        for (Socket socket : sockets) {
            socket.close();
        }
        await().atMost(NOTICED_WITHIN).until(() -> server.rest().openWaits() == 0);
        await().atMost(NOTICED_WITHIN).until(() -> server.rest().connections() <= connections);
        await().until(() -> gauges().desk().watchers() == before.desk().watchers()
                && gauges().loop().deadlines() <= before.loop().deadlines());
        server.request().get("/tasks/" + task).then().statusCode(200).body("state", is("queued"));
    }

    @Test
    void aClientThatIsCutOffIsNoticed() throws IOException {
        Socket socket = connect();
        send(socket, wait(submit()));
        await().until(() -> server.rest().openWaits() == 1);
        socket.setSoLinger(true, 0); // A reset in the place of an orderly end.
        socket.close();
        await().atMost(NOTICED_WITHIN).until(() -> server.rest().openWaits() == 0);
    }

    @Test
    void aClientThatShutsItsSendingSideIsAnsweredAtOnce() throws IOException {
        String task = submit();
        Socket socket = connect();
        send(socket, wait(task));
        await().until(() -> server.rest().openWaits() == 1);
        socket.shutdownOutput();
        InputStream in = input(socket);
        assertEquals("queued", state(read("GET", "/tasks/" + task, in)));
        assertEquals(-1, in.read(), "the connection ends behind it");
    }

    @Test
    void aRequestBehindAHeldOneIsAnsweredBehindIt() throws IOException {
        String task = submit();
        Socket socket = connect();
        send(socket, wait(task));
        await().until(() -> server.rest().openWaits() == 1);
        send(socket, health());
        send(socket, wait(task));
        send(socket, health());
        socket.shutdownOutput(); // It is seen only by who has read the requests before it.
        InputStream in = input(socket);
        assertEquals("queued", state(read("GET", "/tasks/" + task, in)));
        assertEquals(200, read("GET", "/health", in).status());
        assertEquals("queued", state(read("GET", "/tasks/" + task, in)));
        assertEquals(200, read("GET", "/health", in).status());
        assertEquals(-1, in.read(), "the connection ends behind them");
    }

    @Test
    void aRequestBehindAHeldOneDoesNotEndTheWait() throws IOException {
        server.close();
        server =
                RunningServer.start(Limits.DEFAULT, RestLimits.with().sweepMs(1).build());
        String task = submit();
        Socket socket = connect();
        send(socket, wait(task));
        await().until(() -> server.rest().openWaits() == 1);
        for (int i = 0; i < 20; i++) {
            send(socket, health());
            server.request().get("/health").then().statusCode(200);
        }
        assertEquals(1, server.rest().openWaits());
        server.startWorker((type, payload) -> payload);
        InputStream in = input(socket);
        assertEquals("completed", state(read("GET", "/tasks/" + task, in)));
        for (int i = 0; i < 20; i++) {
            assertEquals(200, read("GET", "/health", in).status());
        }
    }

    @Test
    void aClientThatSendsMuchBehindAHeldRequestIsAnsweredAtOnce() throws IOException {
        String task = submit();
        Socket socket = connect();
        send(socket, wait(task));
        await().until(() -> server.rest().openWaits() == 1);
        send(socket, health().repeat(300));
        InputStream in = input(socket);
        assertEquals("queued", state(read("GET", "/tasks/" + task, in)));
        for (int i = 0; i < 300; i++) {
            assertEquals(200, read("GET", "/health", in).status());
        }
    }

    @Test
    void heldAnswersHaveALimit() throws IOException {
        server.close();
        server = RunningServer.start(
                Limits.DEFAULT, RestLimits.with().heldAnswers(3).build());
        String task = submit();
        for (int i = 0; i < 3; i++) {
            send(connect(), wait(task));
        }
        await().until(() -> server.rest().openWaits() == 3);
        server.request()
                .get("/tasks/" + task + "?wait=300")
                .then()
                .statusCode(503)
                .header("Retry-After", "1")
                .body(isProblem(503, "busy", containsString("3 answers are held already")));
        server.request().get("/tasks/" + task).then().statusCode(200);
        server.request()
                .body("{\"type\":\"mine\",\"payloads\":[1]}")
                .post("/tasks?wait=300")
                .then()
                .statusCode(202)
                .body("state", is("queued"));
        sockets.get(0).close();
        await().until(() -> server.rest().openWaits() == 2);
        server.request().get("/tasks/" + task + "?wait=0").then().statusCode(200);
    }

    @Test
    void thereIsAlwaysAConnectionForOneMore() throws IOException {
        server.close();
        server = RunningServer.start(
                Limits.DEFAULT, RestLimits.with().connections(20).build());
        String task = submit();
        List<Socket> waiting = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            Socket socket = connect();
            send(socket, wait(task));
            waiting.add(socket);
        }
        await().until(() -> server.rest().openWaits() == 16);
        List<Socket> silents = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Socket silent = connect();
            silents.add(silent);
            if (i % 2 == 0) {
                send(silent, "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"type\"");
            }
        }
        // All have come in: those that still wait in the backlog would push out a newcomer before it is heard.
        await().until(() ->
                silents.stream().filter(AbandonedWaitsTest::isClosed).count() >= 36);
        for (int i = 0; i < 10; i++) {
            long startNanos = System.nanoTime();
            Socket newcomer = connect();
            send(newcomer, health());
            assertEquals(200, read("GET", "/health", input(newcomer)).status());
            long elapsedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
            assertTrue(elapsedMs < 1_000, "answered after " + elapsedMs + " ms");
        }
        assertEquals(16, server.rest().openWaits(), "held answers stay");
        assertTrue(server.rest().connections() <= 20);
        server.startWorker((type, payload) -> payload);
        for (Socket socket : waiting) {
            assertEquals("completed", state(read("GET", "/tasks/" + task, input(socket))));
        }
    }

    @Test
    void clientsThatDoNotReadTheirRepliesHoldNobodyUp() throws IOException {
        server.close();
        server = RunningServer.start(
                Limits.DEFAULT, RestLimits.with().replyBytes(Long.MAX_VALUE).build());
        String task = largeResult();
        int readers = RestLimits.DEFAULT.threads() + 10;
        for (int i = 0; i < readers; i++) {
            send(connect(), "GET /tasks/" + task + "/result HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
        await().until(() -> server.rest().waitingReplyBytes() == (long) readers * ResultStream.BUFFER_BYTES);
        long startNanos = System.nanoTime();
        server.request().get("/health").then().statusCode(200);
        server.request().get("/ready").then().statusCode(200);
        long elapsedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        assertTrue(elapsedMs < 2_000, "answered after " + elapsedMs + " ms");
        server.request().get("/tasks/" + task).then().statusCode(200);
        for (Socket socket : sockets) {
            HttpExchange answer = HttpExchange.readAnswer("GET", "/tasks/" + task + "/result", "", input(socket));
            assertEquals(largeAnswerBytes(), answer.body().length, "who reads late still gets all");
        }
        await().until(() -> server.rest().waitingReplyBytes() == 0);
    }

    @Test
    void repliesThatNobodyReadsHaveALimitTogether() throws IOException {
        server.close();
        server = RunningServer.start(
                Limits.DEFAULT,
                RestLimits.with().replyBytes(3L * ResultStream.BUFFER_BYTES).build());
        String task = largeResult();
        for (int i = 0; i < 4; i++) {
            send(connect(), "GET /tasks/" + task + "/result HTTP/1.1\r\nHost: localhost\r\n\r\n");
            int count = Math.min(3, i + 1);
            // The fourth waits for room until one that does not read is cut off for it.
            await().until(() -> server.rest().waitingReplyBytes() == (long) count * ResultStream.BUFFER_BYTES);
        }
        assertEquals(
                largeAnswerBytes(),
                HttpExchange.readAnswer("GET", "/", "", input(sockets.get(3))).body().length);
        // Which of them took something last depends on the system's buffers.
        int cutShort = 0;
        for (Socket socket : sockets.subList(0, 3)) {
            cutShort += isCutShort(socket) ? 1 : 0;
        }
        assertEquals(1, cutShort, "one that does not read is cut off for the fourth");
    }

    @Test
    void aClientThatVanishesIsFoundByKeepAlive() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress());
                SocketChannel channel = SocketChannel.open(listener.getLocalSocketAddress())) {
            ClientEndPoint client = new ClientEndPoint(channel, null, null, null, new ClientConnections(1));
            client.hold();
            assertTrue(channel.getOption(StandardSocketOptions.SO_KEEPALIVE));
            if (channel.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
                int seconds = channel.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)
                        + channel.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL)
                                * channel.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT);
                assertTrue(
                        seconds + RestLimits.DEFAULT.sweepMs() / 1_000 <= NOTICED_WITHIN.toSeconds(),
                        seconds + " s and the next look");
            }
        }
    }

    private static boolean isCutShort(Socket socket) throws IOException {
        try {
            return HttpExchange.readAnswer("GET", "/", "", input(socket)).body().length < largeAnswerBytes();
        } catch (SocketException e) {
            return true;
        }
    }

    private ServerGauges gauges() {
        return server.gateway().gauges().orTimeout(20, TimeUnit.SECONDS).join();
    }

    private String submit() {
        return server.request()
                .body("{\"type\":\"mine\",\"payloads\":[1]}")
                .post("/tasks")
                .path("id");
    }

    /** A finished task with a result that does not fit into the buffers of a connection. */
    private String largeResult() {
        server.startWorker((type, payload) -> Json.MAPPER.getNodeFactory().textNode("x".repeat(RESULT_CHARS)));
        return server.request()
                .body("{\"type\":\"mine\",\"payloads\":[1,2,3]}")
                .post("/tasks?wait=50")
                .then()
                .body("state", is("completed"))
                .extract()
                .path("id");
    }

    private static int largeAnswerBytes() {
        return SUBTASKS * (RESULT_CHARS + 3) + 1;
    }

    /** Of one to which nothing was sent. */
    private static boolean isClosed(Socket socket) {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(1 << 14);
        socket.connect(server.httpAddress());
        socket.setSoTimeout(20_000);
        sockets.add(socket);
        return socket;
    }

    private static String wait(String task) {
        return "GET /tasks/" + task + "?wait=300 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    private static String health() {
        return "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static InputStream input(Socket socket) throws IOException {
        return new BufferedInputStream(socket.getInputStream());
    }

    private static HttpExchange read(String method, String path, InputStream in) throws IOException {
        HttpExchange exchange = HttpExchange.readAnswer(method, path, "", in);
        OpenApiContract.FILTER.require(exchange);
        return exchange;
    }

    private static String state(HttpExchange answer) throws IOException {
        return Json.MAPPER.readTree(answer.body()).path("state").asText();
    }
}
