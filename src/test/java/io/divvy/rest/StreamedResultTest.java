package io.divvy.rest;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.divvy.protocol.Json;
import io.divvy.store.MemoryStore;
import io.divvy.store.Retention;
import io.divvy.store.TaskStore;
import io.divvy.store.sqlite.SqliteStore;
import io.divvy.testing.RunningServer;
import io.restassured.response.Response;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Results of several pieces: nobody holds all of one, and what was sent of it is never taken for the whole. */
@Timeout(60)
class StreamedResultTest {
    enum Kept {
        IN_MEMORY,
        ON_DISK
    }

    private static final int TEXTS = 5;
    private static final String TEXT = "x".repeat(3 << 20);
    private static final String TEXTS_IN_ORDER =
            IntStream.range(0, TEXTS).mapToObj(i -> '"' + TEXT + '"').collect(Collectors.joining(",", "[", "]"));

    @TempDir
    Path folder;

    private final List<Socket> sockets = new ArrayList<>();
    private RunningServer server;

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close();
    }

    private void start(Kept kept, RestLimits limits) throws IOException {
        TaskStore store = kept == Kept.IN_MEMORY
                ? new MemoryStore(Retention.DEFAULT)
                : SqliteStore.open(folder, Retention.DEFAULT);
        server = RunningServer.start(limits, store);
        server.startWorker((type, payload) ->
                type.equals("repeat") ? Json.MAPPER.getNodeFactory().textNode(TEXT) : payload);
    }

    private void start(Kept kept) throws IOException {
        start(kept, RestLimits.DEFAULT);
    }

    /** The task whose result is this one. */
    private String finished(JsonNode result) {
        return server.request()
                .body("{\"type\":\"echo\",\"combine\":\"first\",\"payloads\":[" + result + "]}")
                .post("/tasks?wait=30")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    /** A task with a result that does not fit into the buffers of a connection. */
    private String finishedWithTexts() {
        return server.request()
                .body("{\"type\":\"repeat\",\"combine\":\"collect\",\"payloads\":[1,2,3,4,5]}")
                .post("/tasks?wait=30")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private Response result(String task, String query) {
        return server.request()
                .get("/tasks/" + task + "/result" + query)
                .then()
                .statusCode(200)
                .extract()
                .response();
    }

    /** Of more than a mebibyte, with numbers, strings with escapes and letters of two and four bytes everywhere. */
    private static ArrayNode mixed() {
        ArrayNode result = Json.MAPPER.createArrayNode();
        Random random = new Random(1);
        for (int i = 0; i < 40_000; i++) {
            result.add(random.nextLong()).add("\"\\12\u00fc \ud83d\ude00".substring(0, random.nextInt(5)) + i);
        }
        return result;
    }

    @ParameterizedTest
    @EnumSource
    void aStreamedResultComesAsItIsStored(Kept kept) throws Exception {
        start(kept);
        ArrayNode mixed = mixed();
        byte[] json = Json.write(mixed);
        assertTrue(json.length > 4 * (1 << 18), json.length + " bytes");
        String task = finished(mixed);
        Response plain = result(task, "");
        assertArrayEquals(json, plain.asByteArray());
        assertEquals(Integer.toString(json.length), plain.header("Content-Length"));
        assertArrayEquals(
                QuotedNumbers.in(json), result(task, "?numbers=string").asByteArray());
        server.request()
                .head("/tasks/" + task + "/result")
                .then()
                .statusCode(200)
                .header("Content-Length", Integer.toString(json.length));
        await().until(() -> server.rest().waitingReplyBytes() == 0);
    }

    private static JsonNode picture(String base64) {
        return Json.MAPPER.createObjectNode().put("media_type", "image/png").put("base64", base64);
    }

    @ParameterizedTest
    @EnumSource
    void aLargePictureComesAsThePictureItself(Kept kept) throws Exception {
        start(kept);
        for (int bytes : new int[] {1_000_000, 1_000_001, 1_000_002}) {
            byte[] png = new byte[bytes];
            new Random(bytes).nextBytes(png);
            for (Base64.Encoder encoder :
                    List.of(Base64.getEncoder(), Base64.getEncoder().withoutPadding())) {
                Response picture = result(finished(picture(encoder.encodeToString(png))), "");
                assertEquals("image/png", picture.contentType());
                assertEquals(Integer.toString(bytes), picture.header("Content-Length"));
                assertArrayEquals(png, picture.asByteArray());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aResultThatIsNoPictureAtItsVeryEndComesAsJson(Kept kept) throws Exception {
        start(kept);
        for (UnaryOperator<String> spoilt : List.<UnaryOperator<String>>of(
                text -> text + "!", text -> text + "=", text -> text + "A", text -> text + "\",\"x\":\"")) {
            JsonNode result = picture(spoilt.apply("QUJD".repeat(200_000)));
            Response response = result(finished(result), "");
            assertEquals("application/json", response.contentType());
            assertArrayEquals(Json.write(result), response.asByteArray());
        }
    }

    private InputStream ask(String path) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(1 << 14);
        socket.connect(server.httpAddress());
        socket.setSoTimeout(20_000);
        sockets.add(socket);
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return new BufferedInputStream(socket.getInputStream());
    }

    /** A client that does not look at the length sees it, too. */
    @ParameterizedTest
    @EnumSource
    void aResultThatIsDeletedWhileItIsReadEndsWithAnError(Kept kept) throws Exception {
        start(kept);
        String task = finishedWithTexts();
        InputStream result = ask("/tasks/" + task + "/result?numbers=string");
        assertEquals('H', result.read());
        server.request().delete("/tasks/" + task).then().statusCode(204);
        assertThrows(IOException.class, result::readAllBytes);
        await().until(() -> server.rest().waitingReplyBytes() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void unreadResultsKeepABufferEachAndNobodyElseFromReading(Kept kept) throws Exception {
        start(kept);
        String task = finishedWithTexts();
        int readers = 24;
        for (int i = 0; i < readers; i++) {
            ask("/tasks/" + task + "/result?numbers=string");
        }
        await().until(() -> server.rest().waitingReplyBytes() == (long) readers * ResultStream.BUFFER_BYTES);
        assertEquals(TEXTS_IN_ORDER, result(task, "?numbers=string").asString());
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatDoesNotReadIsDropped(Kept kept) throws Exception {
        start(kept, RestLimits.with().idleMs(1_000).build());
        String task = finishedWithTexts();
        InputStream result = ask("/tasks/" + task + "/result");
        assertEquals('H', result.read());
        await().until(() -> server.rest().waitingReplyBytes() == 0);
        assertThrows(IOException.class, result::readAllBytes);
    }

    /** So much that it does not fit into what the system keeps for a connection. */
    @ParameterizedTest
    @EnumSource
    void aClientThatDoesNotReadAListIsDropped(Kept kept) throws Exception {
        start(kept, RestLimits.with().idleMs(1_000).build());
        for (int i = 0; i < 40; i++) {
            finished(Json.MAPPER.getNodeFactory().textNode(TEXT.substring(0, 200_000)));
        }
        InputStream list = ask("/tasks?limit=100");
        assertEquals('H', list.read());
        await().until(() -> server.rest().waitingReplyBytes() > 0);
        await().until(() -> server.rest().waitingReplyBytes() == 0);
        assertThrows(IOException.class, list::readAllBytes);
    }
}
