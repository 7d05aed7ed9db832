package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskRequest;
import io.divvy.protocol.CombineMode;
import io.divvy.protocol.Json;
import io.divvy.testing.RunningServer;
import io.divvy.testing.TestWorker;
import io.divvy.testing.WirePeer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers from a sender to a worker and back again. */
class WrittenNumbersTest {
    private static final String NUMBERS =
            "[1e5,1.0,1.10,-0.0,1E400,12345678901234567890.0,1.8978416287365228e+16,123e0,7,9223372036854775808]";

    private final RunningServer server = RunningServer.start();
    private final Queue<String> received = new ConcurrentLinkedQueue<>();

    @AfterEach
    void stop() {
        server.close();
    }

    private void startEcho() {
        server.startWorker((type, payload) -> {
            received.add(payload.toString());
            return payload;
        });
    }

    private String submit(String task) {
        return server.request()
                .body(task)
                .post("/tasks")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private String get(String path) {
        return server.request().get(path).then().statusCode(200).extract().asString();
    }

    @Test
    void numbersArriveAndComeBackInTheSameCharacters() throws Exception {
        startEcho();
        String id = submit("{\"type\":\"echo\",\"payloads\":" + NUMBERS + "}");
        String view = get("/tasks/" + id + "?wait=20");
        assertTrue(view.contains("\"result\":" + NUMBERS), view);
        assertEquals(NUMBERS, received.toString().replace(" ", ""));
        assertEquals(NUMBERS, get("/tasks/" + id + "/result"));
        assertEquals(
                "[\"" + NUMBERS.substring(1, NUMBERS.length() - 1).replace(",", "\",\"") + "\"]",
                get("/tasks/" + id + "/result?numbers=string"));
        try (DivvyClient client = DivvyClient.connect(server.address())) {
            assertEquals(NUMBERS, client.attach(id).await().toString());
            JsonNode payloads = Json.read(NUMBERS.getBytes(StandardCharsets.UTF_8), 0, NUMBERS.length());
            TaskRequest again = TaskRequest.of("echo").combine(CombineMode.COLLECT);
            assertEquals(
                    NUMBERS, client.submit(again.payloads(payloads)).await().toString());
            assertEquals(
                    "[1.8978416287365228E16,100000.0,-0.0,2]",
                    client.submit(TaskRequest.of("echo").payloads(List.of(1.8978416287365228e+16, 1e5, -0.0, 2)))
                            .await()
                            .toString());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"min | 1e3", "max | 1000.5", "first | 1e3", "any | 1e3"})
    void aChosenNumberIsTheAnswerAsItWasWritten(String combine, String answer) {
        startEcho();
        String id = submit("{\"type\":\"echo\",\"combine\":\"" + combine + "\",\"payloads\":[1e3,1000.0,1000.5,1000]}");
        get("/tasks/" + id + "?wait=20");
        assertEquals(answer, get("/tasks/" + id + "/result"));
    }

    /** As protocol.md says: a chunk from left to right, then the chunks from left to right. */
    @Test
    void floatsAreAddedInTheDocumentedOrder() {
        Random random = new Random(5);
        List<String> payloads = new ArrayList<>();
        double expected = 0;
        double chunk = 0;
        for (int index = 0; index < 3_000; index++) {
            double value = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(16));
            payloads.add(Double.toString(value));
            chunk += value;
            if (index % 1_024 == 1_023 || index == 2_999) {
                expected += chunk;
                chunk = 0;
            }
        }
        TestWorker[] workers = new TestWorker[3];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = server.startWorker((type, payload) -> payload);
        }
        String id = submit("{\"type\":\"echo\",\"combine\":\"sum\",\"payloads\":" + payloads + "}");
        get("/tasks/" + id + "?wait=20");
        assertEquals(Double.toString(expected), get("/tasks/" + id + "/result"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e9999999999", "1E-99999999999", "1e1000000000", "1e100001"})
    void anExponentOutOfBoundsIsBadJsonWhicheverWayItComes(String number) {
        for (String task : List.of(
                "{\"type\":\"echo\",\"payloads\":[%s]}",
                "{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":%s}}",
                "{\"type\":\"echo\",\"payloads\":[1],\"priority\":%s}")) {
            server.request()
                    .body(task.replace("%s", number))
                    .post("/tasks")
                    .then()
                    .statusCode(400)
                    .body(isProblem(400, "bad_json", containsString("exponent is out of bounds")));
        }
        try (WirePeer sender = WirePeer.connect(server.address())) {
            sender.send("{'type':'task_sender','protocol':2}");
            sender.receive("welcome");
            sender.send("{'type':'submit','task':{'type':'echo','payloads':[" + number + "]}}");
            assertTrue(sender.receiveError("bad_json").contains("exponent is out of bounds"));
            sender.receiveEnd();
        }
        try (WirePeer sender = WirePeer.connect(server.address())) {
            sender.send("{'type':'task_sender'}");
            sender.send("{'task_id':'a','range':[1," + number + "],'num_subtasks':2}");
            JsonNode failed = sender.receive();
            assertEquals("failed", failed.get("status").textValue());
            assertTrue(failed.get("error").textValue().startsWith("bad_json: "), failed.toString());
        }
        for (String field : List.of("lease", "from")) {
            try (WirePeer worker = WirePeer.connect(server.address())) {
                worker.send("{'type':'worker','protocol':2,'credit':2,'task_types':['echo']}");
                worker.receive("welcome");
                worker.send("{'type':'result','" + field + "':" + number + ",'results':[1]}");
                assertTrue(worker.receiveError("bad_json").contains("exponent is out of bounds"));
                worker.receiveEnd();
            }
        }
        String id = submit("{\"type\":\"echo\",\"payloads\":[1]}");
        try (WirePeer worker = WirePeer.connect(server.address())) {
            worker.send("{'type':'worker','protocol':2,'credit':2,'task_types':['echo']}");
            worker.receive("welcome");
            worker.receive("task");
            JsonNode lease = worker.receive("assign");
            worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':0,'results':[" + number + "]}");
            assertTrue(worker.receiveError("bad_json").contains("exponent is out of bounds"));
            worker.receiveEnd();
        }
        server.request().get("/tasks/" + id).then().statusCode(200).body("id", notNullValue());
        server.request().get("/health").then().statusCode(200).body("status", is("up"));
    }
}
