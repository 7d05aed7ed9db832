package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.divvy.testing.RunningServer;
import io.restassured.response.Response;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code Accept}: who takes nothing of what there is gets 406 and not something else. */
class AcceptTest {
    private static final int MANY_BYTES = 400_000;

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
        server.startWorker((type, payload) -> payload);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String resultOf(String payload) {
        String id = server.request()
                .body("{\"type\":\"echo\",\"combine\":\"first\",\"payloads\":[" + payload + "]}")
                .post("/tasks?wait=30")
                .path("id");
        return "/tasks/" + id + "/result";
    }

    private static String pictureOf(int bytes) {
        return "{\"media_type\":\"image/png\",\"base64\":\""
                + Base64.getEncoder().encodeToString(new byte[bytes]) + "\"}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/health       | application/json                             | 200",
                "/health       | */*                                          | 200",
                "/health       | text/html, application/*;q=0.1               | 200",
                "/health       | text/html,application/xml;q=0.9,*/*;q=0.8    | 200",
                "/health       | APPLICATION/JSON; charset=utf-8              | 200",
                "/health       | text/html                                    | 406",
                "/health       | application/json;q=0                         | 406",
                "/health       | application/json;q=0.0, */*                  | 406",
                "/health       | image/png                                    | 406",
                "/health       | application/problem+json                     | 200",
                "/tasks        | application/yaml                             | 406",
                "/tasks/a      | text/html                                    | 406",
                "/tasks/a      | application/json                             | 404",
                "/workers      | text/*                                       | 406",
                "/task-types   | text/plain                                   | 406",
                "/openapi.yaml | application/yaml                             | 200",
                "/openapi.yaml | application/json                             | 406",
                "/openapi.yaml | application/problem+json                     | 200",
                "/openapi.json | application/json                             | 200",
                "/openapi.json | application/yaml                             | 406",
            })
    void whatFitsIsSentAndWhatDoesNotIsRefused(String path, String accept, int status) {
        server.request().header("Accept", accept).get(path).then().statusCode(status);
    }

    @Test
    void aRefusalSaysWhatThereIs() {
        server.request()
                .header("Accept", "text/html, image/*")
                .get("/tasks/a/result")
                .then()
                .statusCode(404); // A picture may be there.
        server.request()
                .header("Accept", "text/html;q=0.9")
                .get("/tasks/a/result")
                .then()
                .statusCode(406)
                .body(isProblem(
                        406,
                        "bad_message",
                        is("header Accept: expected application/json or image/png, */* or no such header, got"
                                + " \"text/html\"")));
    }

    @Test
    void aSubmissionWhoseAnswerNobodyTakesIsNotTaken() {
        String task = """
                {"type":"echo","payloads":[1],"key":"refused"}""";
        server.request()
                .header("Accept", "text/html")
                .body(task)
                .post("/tasks")
                .then()
                .statusCode(406);
        server.request().body(task).post("/tasks").then().statusCode(202);
    }

    @Test
    void whatHasNoBodyIsDoneWhateverIsAccepted() {
        String id = server.request()
                .body("{\"type\":\"echo\",\"payloads\":[1]}")
                .post("/tasks?wait=30")
                .path("id");
        server.request()
                .header("Accept", "text/html")
                .delete("/tasks/" + id)
                .then()
                .statusCode(204);
    }

    /** Below and above what is made at once. */
    @ParameterizedTest
    @ValueSource(ints = {30, MANY_BYTES})
    void aPictureComesAsThePictureOrAsItsJson(int bytes) {
        String json = pictureOf(bytes);
        String path = resultOf(json);
        Response picture = server.request().get(path);
        assertArrayEquals(new byte[bytes], picture.asByteArray());
        for (String accept : List.of("image/png", "image/*", "application/json, image/png", "text/html, */*;q=0.1")) {
            server.request()
                    .header("Accept", accept)
                    .get(path)
                    .then()
                    .statusCode(200)
                    .contentType("image/png")
                    .header("ETag", picture.header("ETag"))
                    .header("Vary", containsString("Accept"));
        }
        for (String accept : List.of("application/json", "application/json, image/png;q=0.9", "image/png;q=0, */*")) {
            Response stored = server.request().header("Accept", accept).get(path);
            assertEquals("application/json", stored.contentType());
            assertEquals(json, stored.asString());
            assertNotEquals(picture.header("ETag"), stored.header("ETag"), "other bytes of the same path");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {30, MANY_BYTES})
    void aResultThatIsNoPictureIsRefusedToWhoTakesOnlyPictures(int characters) {
        server.request()
                .header("Accept", "image/png")
                .get(resultOf('"' + "x".repeat(characters) + '"'))
                .then()
                .statusCode(406)
                .body(isProblem(406, "bad_message", containsString("expected application/json")));
    }
}
