package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.divvy.protocol.Json;
import io.divvy.testing.ServerProcess;
import io.divvy.testing.TestWorker;
import io.divvy.testing.WirePeer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server of 128 MB, and many who read a result of 14 MB at once, or do not read it: reads never kill writes. */
class LargeReadsIT {
    private static final int READERS = 24;
    private static final int WHO_DO_NOT_READ = 8;
    private static final int SUBTASKS = 12;
    private static final int TEXT_BYTES = 1_170_000;
    /** Of 19 digits, which a client whose numbers are doubles would read as another. */
    private static final long FIRST_NUMBER = 1_000_000_000_000_000_001L;

    private final ServerProcess server = new ServerProcess("-Xmx128m");
    private final InetSocketAddress address = new InetSocketAddress("127.0.0.1", server.port());
    private final HttpClient http = HttpClient.newHttpClient();
    private final ExecutorService readers = Executors.newCachedThreadPool();
    private final List<Socket> unread = new ArrayList<>();
    private TestWorker worker;

    @BeforeEach
    void start() {
        worker = TestWorker.connect(
                address, "worker", (type, payload) -> type.equals("texts") ? part(payload.intValue()) : payload);
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : unread) {
            socket.close();
        }
        readers.shutdownNow();
        worker.close();
        server.close();
    }

    /** What the subtask returns: a number and a long text. */
    private static ArrayNode part(int subtask) {
        return Json.MAPPER.createArrayNode().add(FIRST_NUMBER + subtask).add(text(subtask));
    }

    private static String text(int subtask) {
        return Character.toString('a' + subtask).repeat(TEXT_BYTES);
    }

    /** How the whole result is to come: all that each reader makes of it is this. */
    private static String digestOfTheWhole() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int subtask = 0; subtask < SUBTASKS; subtask++) {
            String json =
                    (subtask == 0 ? "[" : ",") + "[\"" + (FIRST_NUMBER + subtask) + "\",\"" + text(subtask) + "\"]";
            digest.update(json.getBytes(StandardCharsets.US_ASCII));
        }
        digest.update((byte) ']');
        return HexFormat.of().formatHex(digest.digest());
    }

    private WirePeer sender() {
        return WirePeer.sender(address);
    }

    /** Submits the large task, and waits for its end without having its result sent. Returns its id. */
    private String finishedWithTexts() throws Exception {
        String id;
        try (WirePeer sender = sender()) {
            List<String> payloads = new ArrayList<>();
            for (int subtask = 0; subtask < SUBTASKS; subtask++) {
                payloads.add(Integer.toString(subtask));
            }
            sender.send("{'type':'submit','request':1,'task':{'type':'texts','combine':'collect','payloads':" + payloads
                    + "}}");
            id = sender.receive("accepted").get("task_id").textValue();
            JsonNode end = sender.receiveAfter("completed", "progress");
            assertTrue(end.has("result_at"), () -> "no frame has room for the result: " + end);
        }
        return id;
    }

    private String resultPath(String task) {
        return "/tasks/" + task + "/result?numbers=string";
    }

    /** Reads all of it. Returns what it read, as a digest. */
    private String read(String task) throws Exception {
        HttpResponse<InputStream> response = http.send(
                HttpRequest.newBuilder(URI.create(server.httpUrl() + resultPath(task)))
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream body = response.body()) {
            assertEquals(200, response.statusCode(), () -> textOf(body));
            byte[] buffer = new byte[1 << 16];
            for (int bytes = body.read(buffer); bytes >= 0; bytes = body.read(buffer)) {
                digest.update(buffer, 0, bytes);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String textOf(InputStream body) {
        try {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Asks for it, and reads the first byte only. */
    private void askAndDoNotRead(String task) throws IOException {
        Socket socket = new Socket();
        unread.add(socket);
        socket.setReceiveBufferSize(1 << 14);
        socket.connect(
                new InetSocketAddress("127.0.0.1", URI.create(server.httpUrl()).getPort()));
        socket.getOutputStream()
                .write(("GET " + resultPath(task) + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        assertEquals('H', socket.getInputStream().read());
    }

    @Test
    void largeReadsDoNotMakeWritesFail() throws Exception {
        String task = finishedWithTexts();
        for (int i = 0; i < WHO_DO_NOT_READ; i++) {
            askAndDoNotRead(task);
        }
        List<Future<String>> results = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            results.add(readers.submit((Callable<String>) () -> read(task)));
        }

        int answered = 0;
        try (WirePeer sender = sender()) {
            while (!results.stream().allMatch(Future::isDone)) {
                sender.send("{'type':'submit','request':1,'task':{'type':'echo','combine':'collect','key':'" + answered
                        + "','payloads':[" + answered + "]}}");
                sender.receive("accepted");
                JsonNode end = sender.receiveAfter("completed", "progress");
                assertEquals("[" + answered + "]", end.get("result").toString());
                answered++;
            }
        }
        assertTrue(answered > 10, answered + " tasks went through while results were read");
        String whole = digestOfTheWhole();
        for (Future<String> result : results) {
            assertEquals(whole, result.get());
        }
        assertTrue(server.process().isAlive());
    }
}
