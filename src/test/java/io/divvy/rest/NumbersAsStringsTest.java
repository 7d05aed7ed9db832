package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.ShortNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.testing.RunningServer;
import io.divvy.testing.TestWorker;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ?numbers=string}: results that are exact also for clients whose numbers are doubles. */
class NumbersAsStringsTest {
    private static final String SQUARES = """
            {"type":"sum_of_squares","params":{"start":1,"end":1000000}}""";

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
        server.startWorker(
                (type, payload) -> type.equals("echo") ? payload : TestWorker.SHIPPED_TYPES.compute(type, payload));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "0                                     | \"0\"",
                "-1                                    | \"-1\"",
                "2147483648                            | \"2147483648\"",
                "9007199254740993                      | \"9007199254740993\"",
                "-36893488147419103232                 | \"-36893488147419103232\"",
                "1.10                                  | \"1.10\"",
                "1e400                                 | \"1e400\"",
                "123456789012345678901234567890.125    | \"123456789012345678901234567890.125\"",
                "[1,[2.5,\"3\"],{\"4\":5}]             | [\"1\",[\"2.5\",\"3\"],{\"4\":\"5\"}]",
                "{\"a\":null,\"b\":true,\"c\":\"text\"} | {\"a\":null,\"b\":true,\"c\":\"text\"}",
                "null                                  | null",
                "[]                                    | []",
            })
    void eachNumberIsAStringAndNothingElseChanges(String result, String expected) throws ProtocolException {
        assertEquals(expected, quoted(Json.write(read(result))));
    }

    /** A client that reads the string as a number reads what it would have read without the parameter. */
    @ParameterizedTest
    @MethodSource("numbers")
    void theStringHasTheCharactersOfTheNumber(JsonNode number) {
        assertEquals('"' + written(number) + '"', quoted(Json.write(number)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1,2 , -3.5e-7]                  | [\"1\",\"2\" , \"-3.5e-7\"]",
                "{\"a\\\"1\":\"2\\\\\",\"b\":3}      | {\"a\\\"1\":\"2\\\\\",\"b\":\"3\"}",
                "{\"ü1\":\"\\u0031\",\"€\":[0]}      | {\"ü1\":\"\\u0031\",\"€\":[\"0\"]}",
            })
    void onlyNumbersAreQuotedWhateverIsAroundThem(String json, String expected) {
        assertEquals(expected, quoted(json.getBytes(StandardCharsets.UTF_8)));
    }

    /** It may be cut anywhere, in the middle of a number, a character or an escape. */
    @Test
    void numbersAreQuotedWhereverAResultIsCutInPieces() {
        byte[] json = "{\"a\\\"1ü\":[12345,-6.7E+8,{\"b\":\"9\\\\\"}],\"c\":0}".getBytes(StandardCharsets.UTF_8);
        String whole = quoted(json);
        for (int size = 1; size <= json.length; size++) {
            QuotedNumbers numbers = new QuotedNumbers();
            BodyFilter.Length length = new BodyFilter.Length(new QuotedNumbers());
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            ByteBuffer room = ByteBuffer.allocate(BodyFilter.LEAST_ROOM);
            for (int from = 0; from < json.length; from += size) {
                ByteBuffer piece = ByteBuffer.wrap(json, from, Math.min(size, json.length - from));
                length.add(piece.duplicate());
                while (piece.hasRemaining()) {
                    numbers.transfer(piece, room);
                    all.write(room.array(), 0, room.position());
                    room.clear();
                }
            }
            numbers.end(room);
            all.write(room.array(), 0, room.position());
            assertEquals(whole, all.toString(StandardCharsets.UTF_8));
            assertEquals(all.size(), length.end());
        }
    }

    private static String quoted(byte[] json) {
        return new String(QuotedNumbers.in(json), StandardCharsets.UTF_8);
    }

    static Stream<JsonNode> numbers() throws ProtocolException {
        Stream<JsonNode> computed = Stream.of(
                DoubleNode.valueOf(0.1),
                DoubleNode.valueOf(1e21),
                DoubleNode.valueOf(-0.0),
                DoubleNode.valueOf(Double.MIN_VALUE),
                FloatNode.valueOf(1.1f),
                ShortNode.valueOf((short) -7));
        JsonNode read = read("[1, -9223372036854775808, 9223372036854775808, 0.10, 1e-7, 1.5E+300, 100.0]");
        return Stream.concat(computed, read.valueStream());
    }

    /** What the example is about: the nearest double is another whole number. */
    @Test
    void theClassicAnswerDoesNotFitADouble() {
        String answer = "333333833333500000";
        assertNotEquals(0, new BigDecimal(answer).compareTo(new BigDecimal(Double.parseDouble(answer))));
    }

    @Test
    void everyRouteWithAResultKnowsTheParameter() {
        String id = server.request()
                .body(SQUARES)
                .post("/tasks?wait=30&numbers=string")
                .then()
                .statusCode(202)
                .body("state", is("completed"))
                .body("result", is("333333833333500000"))
                .body("progress.done", is(10))
                .extract()
                .path("id");
        server.request()
                .get("/tasks/" + id + "?numbers=string")
                .then()
                .statusCode(200)
                .body("result", is("333333833333500000"));
        server.request()
                .get("/tasks?state=completed&type=sum_of_squares&limit=1&numbers=string")
                .then()
                .statusCode(200)
                .body("items.result", is(List.of("333333833333500000")));
        server.request()
                .post("/tasks/" + id + "/cancel?numbers=string")
                .then()
                .statusCode(200)
                .body("result", is("333333833333500000"));
        assertEquals(
                "\"333333833333500000\"",
                server.request()
                        .get("/tasks/" + id + "/result?numbers=string")
                        .then()
                        .statusCode(200)
                        .contentType("application/json")
                        .extract()
                        .asString());
    }

    @Test
    void numbersDeepInsideAreStringsToo() {
        server.request()
                .body("""
                        {"type":"echo","payloads":[7,{"pi":3.14,"hits":[18014398509481985]},"8"]}""")
                .post("/tasks?wait=30&numbers=string")
                .then()
                .statusCode(202)
                .body("result", is(List.of("7", Map.of("pi", "3.14", "hits", List.of("18014398509481985")), "8")));
    }

    @Test
    void withoutTheParameterNumbersAreNumbers() {
        String id = server.request().body(SQUARES).post("/tasks?wait=30").path("id");
        for (String query : List.of("", "?numbers=number")) {
            assertEquals(
                    "333333833333500000",
                    server.request().get("/tasks/" + id + "/result" + query).asString());
        }
    }

    @Test
    void aTaskWithoutAResultIsShownWithTheParameterToo() {
        String id = server.request()
                .body("""
                        {"type":"nobody-does-this","payloads":[1],"max_attempts":1}""")
                .post("/tasks?wait=30&numbers=string")
                .then()
                .statusCode(202)
                .body("state", is("failed"))
                .body("result", nullValue())
                .extract()
                .path("id");
        server.request().get("/tasks/" + id + "/result?numbers=string").then().statusCode(409);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "strings", "STRING", "double", "1"})
    void anUnknownValueOfTheParameterIsRefused(String value) {
        for (String path : List.of("/tasks/a", "/tasks/a/result")) {
            server.request()
                    .queryParam("numbers", value)
                    .get(path)
                    .then()
                    .statusCode(400)
                    .body(isProblem(
                            400,
                            "bad_message",
                            containsString("numbers: expected number or string, got \"" + value + "\"")));
        }
    }

    private static JsonNode read(String json) throws ProtocolException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return Json.read(bytes, 0, bytes.length);
    }

    private static String written(JsonNode value) {
        return new String(Json.write(value), StandardCharsets.UTF_8);
    }
}
