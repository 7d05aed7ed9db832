package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.divvy.protocol.Json;
import io.divvy.store.MemoryStore;
import io.divvy.store.Retention;
import io.divvy.store.TaskStore;
import io.divvy.store.sqlite.SqliteStore;
import io.divvy.testing.RunningServer;
import io.restassured.response.Response;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code Range}: a part of a result, whatever its size and form, is what the whole has there. */
@Timeout(60)
class ResultRangesTest {
    private static final int SEED = 7;
    private static final int RANGES = 8;

    @TempDir
    Path folder;

    private RunningServer server;

    @AfterEach
    void stop() {
        if (server != null) { // One test needs none.
            server.close();
        }
    }

    private void start(boolean onDisk) throws Exception {
        TaskStore store = onDisk ? SqliteStore.open(folder, Retention.DEFAULT) : new MemoryStore(Retention.DEFAULT);
        server = RunningServer.start(RestLimits.DEFAULT, store);
        server.startWorker((type, payload) -> payload);
    }

    private String resultOf(JsonNode result) {
        String id = server.request()
                .body("{\"type\":\"echo\",\"combine\":\"first\",\"payloads\":[" + result + "]}")
                .post("/tasks?wait=30")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        return "/tasks/" + id + "/result";
    }

    /** Numbers and texts in turn, so that its two forms differ everywhere. */
    private static ArrayNode mixed(int items) {
        ArrayNode result = Json.MAPPER.createArrayNode();
        Random random = new Random(SEED);
        for (int i = 0; i < items; i++) {
            result.add(random.nextLong()).add("\"ü" + i);
        }
        return result.add(5);
    }

    private static JsonNode picture(int bytes, boolean isPadded) {
        byte[] png = new byte[bytes];
        new Random(SEED).nextBytes(png);
        Base64.Encoder encoder =
                isPadded ? Base64.getEncoder() : Base64.getEncoder().withoutPadding();
        return Json.MAPPER.createObjectNode().put("media_type", "image/png").put("base64", encoder.encodeToString(png));
    }

    private Response ask(String path, String range) {
        return server.request().header("Range", range).get(path);
    }

    private void assertPart(String path, byte[] whole, int from, int to) {
        Response part = ask(path, "bytes=" + from + "-" + (to - 1));
        String what = "seed " + SEED + ", " + path + ", bytes " + from + " to " + to;
        assertEquals(206, part.statusCode(), what);
        assertEquals("bytes " + from + "-" + (to - 1) + "/" + whole.length, part.header("Content-Range"));
        assertEquals(Integer.toString(to - from), part.header("Content-Length"), what);
        assertArrayEquals(Arrays.copyOfRange(whole, from, to), part.asByteArray(), what);
    }

    @ParameterizedTest
    @CsvSource({"false, 20", "false, 20000", "true, 20", "true, 20000"})
    void eachPartOfAResultIsWhatTheWholeHasThere(boolean onDisk, int items) throws Exception {
        start(onDisk);
        List<String> paths = new ArrayList<>();
        String json = resultOf(mixed(items));
        paths.add(json);
        paths.add(json + "?numbers=string");
        for (int more = 0; more < 3; more++) {
            paths.add(resultOf(picture(items * 30 + more, true)));
            paths.add(resultOf(picture(items * 30 + more, false)));
        }
        Random random = new Random(SEED);
        for (String path : paths) {
            Response all =
                    server.request().get(path).then().statusCode(200).extract().response();
            byte[] whole = all.asByteArray();
            assertEquals("bytes", all.header("Accept-Ranges"));
            assertPart(path, whole, 0, whole.length);
            assertPart(path, whole, 0, 1);
            assertPart(path, whole, whole.length - 1, whole.length);
            for (int i = 0; i < RANGES; i++) {
                int from = random.nextInt(whole.length);
                int length = random.nextInt(i % 2 == 0 ? 5 : whole.length) + 1;
                assertPart(path, whole, from, Math.min(whole.length, from + length));
            }
            Response end = ask(path, "bytes=-7");
            assertArrayEquals(Arrays.copyOfRange(whole, whole.length - 7, whole.length), end.asByteArray());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 20_000})
    void beyondTheEndThereIsNothing(int items) throws Exception {
        start(false);
        String path = resultOf(mixed(items));
        String length = server.request().get(path).header("Content-Length");
        ask(path, "bytes=" + length + "-")
                .then()
                .statusCode(416)
                .header("Content-Range", "bytes */" + length)
                .body(isProblem(416, "bad_message", containsString("there are " + length + " bytes")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=1-2,4-5", "bytes=2-1", "lines=1-2", "all"})
    void whatIsNoSingleRangeIsAnsweredWithTheWhole(String range) throws Exception {
        start(false);
        ask(resultOf(mixed(20)), range)
                .then()
                .statusCode(200)
                .header("Accept-Ranges", "bytes")
                .header("Content-Range", nullValue());
    }

    @Test
    void aReadGoesOnWhereItBrokeOffIfTheResultIsStillTheSame() throws Exception {
        start(false);
        String path = resultOf(mixed(20_000));
        Response whole = server.request().get(path);
        String tag = whole.header("ETag");
        Response rest = server.request()
                .header("Range", "bytes=1000-")
                .header("If-Range", tag)
                .get(path)
                .then()
                .statusCode(206)
                .header("ETag", tag)
                .extract()
                .response();
        byte[] all = whole.asByteArray();
        assertArrayEquals(Arrays.copyOfRange(all, 1000, all.length), rest.asByteArray());
        for (String other : List.of("\"another\"", "W/" + tag, "Tue, 24 Nov 2026 08:00:00 GMT")) {
            server.request()
                    .header("Range", "bytes=1000-")
                    .header("If-Range", other)
                    .get(path)
                    .then()
                    .statusCode(200)
                    .header("Content-Length", Integer.toString(all.length));
        }
    }

    @Test
    void whatTheClientHasIsNotSentInPartsEither() throws Exception {
        start(false);
        String path = resultOf(mixed(20));
        server.request()
                .header("Range", "bytes=0-1")
                .header("If-None-Match", server.request().get(path).header("ETag"))
                .get(path)
                .then()
                .statusCode(304);
    }

    /** Of the bytes that it would have uncompressed, so that parts of any size fit together. */
    @Test
    void aPartIsNeverCompressed() throws Exception {
        start(false);
        server.request()
                .header("Range", "bytes=0-4999")
                .header("Accept-Encoding", "gzip")
                .get(resultOf(mixed(2_000)))
                .then()
                .statusCode(206)
                .header("Content-Encoding", nullValue())
                .header("Content-Length", "5000");
    }

    @Test
    void onlyGetAndOnlyResultsHaveParts() throws Exception {
        start(false);
        String path = resultOf(mixed(20));
        String length = server.request().get(path).header("Content-Length");
        server.request()
                .header("Range", "bytes=0-1")
                .head(path)
                .then()
                .statusCode(200)
                .header("Accept-Ranges", "bytes")
                .header("Content-Length", length);
        ask(path.replace("/result", ""), "bytes=0-1").then().statusCode(200).body("state", is("completed"));
    }

    /** However the text and the room for it are cut. */
    @Test
    void aPartIsRightWhereverItsSourceIsCutInPieces() {
        byte[] json = Json.write(mixed(5));
        byte[] whole = QuotedNumbers.in(json);
        for (int from = 0; from < whole.length; from++) {
            for (int to = from + 1; to <= whole.length; to++) {
                ByteRange part = new ByteRange(from, to);
                long end = Math.min(json.length, BodyForm.STRINGS.sourceOf(part).to());
                BodyFilter filter = new PartFilter(new QuotedNumbers(), BodyForm.STRINGS.bytesBefore(part), to - from);
                ByteBuffer all = ByteBuffer.allocate(whole.length + BodyFilter.LEAST_ROOM);
                for (int at = 0; at < end; at += 3) {
                    ByteBuffer in = ByteBuffer.wrap(json, at, (int) Math.min(3, end - at));
                    while (in.hasRemaining()) {
                        ByteBuffer room = ByteBuffer.allocate(BodyFilter.LEAST_ROOM);
                        filter.transfer(in, room);
                        all.put(room.flip());
                    }
                }
                filter.end(all);
                assertArrayEquals(
                        Arrays.copyOfRange(whole, from, to),
                        Arrays.copyOf(all.array(), all.position()),
                        part.toString());
            }
        }
    }
}
