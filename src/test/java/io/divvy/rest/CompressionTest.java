package io.divvy.rest;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.RunningServer;
import io.restassured.response.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code Accept-Encoding: gzip}. */
class CompressionTest {
    private static RunningServer server;
    /** With a result of this many characters. */
    private static String small;

    private static String medium;
    private static String large;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
        server.startWorker((type, payload) -> payload);
        small = finished(100);
        medium = finished(10_000);
        large = finished(400_000);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String finished(int characters) {
        return server.request()
                .body("{\"type\":\"echo\",\"combine\":\"first\",\"payloads\":[\"" + "x".repeat(characters) + "\"]}")
                .post("/tasks?wait=30")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private static Response compressed(String path) {
        return server.request()
                .header("Accept-Encoding", "gzip")
                .get(path)
                .then()
                .statusCode(200)
                .header("Content-Encoding", "gzip")
                .header("Vary", containsString("Accept-Encoding"))
                .extract()
                .response();
    }

    private static byte[] decoded(Response response) throws IOException {
        assertEquals(Integer.toString(response.asByteArray().length), response.header("Content-Length"));
        try (InputStream gzip = new GZIPInputStream(new ByteArrayInputStream(response.asByteArray()))) {
            return gzip.readAllBytes();
        }
    }

    private static List<String> longAnswers() {
        return List.of(
                "/tasks/" + medium,
                "/tasks/" + medium + "?wait=1",
                "/tasks/" + large,
                "/tasks/" + medium + "/result",
                "/tasks?limit=1000",
                "/openapi.yaml",
                "/openapi.json");
    }

    @Test
    void longAnswersComeCompressed() throws IOException {
        for (String path : longAnswers()) {
            Response plain =
                    server.request().get(path).then().statusCode(200).extract().response();
            Response gzip = compressed(path);
            assertArrayEquals(plain.asByteArray(), decoded(gzip), path);
            assertTrue(gzip.asByteArray().length < plain.asByteArray().length / 2, path);
            assertEquals(plain.contentType(), gzip.contentType());
            assertEquals(plain.header("Vary"), gzip.header("Vary"), path);
            server.request()
                    .header("Accept-Encoding", "gzip")
                    .head(path)
                    .then()
                    .statusCode(200)
                    .header("Content-Encoding", "gzip")
                    .header("Content-Length", gzip.header("Content-Length"));
        }
    }

    @Test
    void theCompressedAnswerHasATagOfItsOwn() {
        for (String path : List.of("/tasks/" + medium, "/tasks/" + medium + "/result", "/openapi.yaml")) {
            String plain = server.request().get(path).header("ETag");
            String gzip = compressed(path).header("ETag");
            assertEquals(plain.replaceFirst("\"$", "-gzip\""), gzip);
            // Who has the one or the other, and takes both, has it; who takes no gzip has no use for the second.
            for (String has : List.of(plain, gzip)) {
                server.request()
                        .header("Accept-Encoding", "gzip")
                        .header("If-None-Match", has)
                        .get(path)
                        .then()
                        .statusCode(304)
                        .header("ETag", has)
                        .header("Content-Encoding", nullValue());
            }
            server.request()
                    .header("If-None-Match", gzip)
                    .get(path)
                    .then()
                    .statusCode(200)
                    .header("ETag", plain);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tasks/%s", "/tasks/%s/result", "/tasks/%s/explain", "/health", "/ready"})
    void shortAnswersComeAsTheyAre(String path) {
        server.request()
                .header("Accept-Encoding", "gzip")
                .get(String.format(path, small))
                .then()
                .statusCode(200)
                .header("Content-Encoding", nullValue());
    }

    /** Nobody would know its length, and it could not be gone on with. */
    @Test
    void aResultThatIsMadeWhileItIsSentComesAsItIs() {
        server.request()
                .header("Accept-Encoding", "gzip")
                .get("/tasks/" + large + "/result")
                .then()
                .statusCode(200)
                .header("Content-Encoding", nullValue())
                .header("Content-Length", "400002");
    }

    @Test
    void aSubmissionThatWaitsGetsALongAnswerCompressed() throws IOException {
        Response answer = server.request()
                .header("Accept-Encoding", "gzip")
                .body("{\"type\":\"echo\",\"payloads\":[\"" + "x".repeat(10_000) + "\"]}")
                .post("/tasks?wait=30")
                .then()
                .statusCode(202)
                .header("Content-Encoding", "gzip")
                .header("Vary", "Accept-Encoding")
                .extract()
                .response();
        assertTrue(new String(decoded(answer), StandardCharsets.UTF_8).contains("\"completed\""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "gzip                      | gzip",
                "br, GZIP;q=0.5            | gzip",
                "*                         | gzip",
                "x-gzip                    | gzip",
                "gzip;q=0                  | none",
                "gzip;q=0, *               | none",
                "*;q=0                     | none",
                "identity, gzip;q=0.5      | none",
                "identity;q=0.5, gzip      | gzip",
                "br, zstd                  | none",
                "identity                  | none",
            })
    void whatTheClientTakesDecides(String acceptEncoding, String encoding) {
        server.request()
                .header("Accept-Encoding", acceptEncoding)
                .get("/openapi.yaml")
                .then()
                .statusCode(200)
                .header("Content-Encoding", encoding == null ? nullValue() : is(encoding));
    }
}
