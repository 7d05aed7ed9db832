package io.divvy.rest;

import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskHandle;
import io.divvy.client.TaskRequest;
import io.divvy.protocol.CombineMode;
import io.divvy.task.JsonText;
import io.divvy.testing.RunningServer;
import io.divvy.testing.WirePeer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a task without subtasks answers, over HTTP, over TCP and to the client library. There is no worker in this test. */
class EmptyTaskAnswersTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String submit(String task) {
        return server.request()
                .body(task.replace('\'', '"'))
                .post("/tasks")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private static String resultOf(String id) {
        server.request().get("/tasks/" + id + "?wait=20").then().statusCode(200).body("state", is("completed"));
        return server.request()
                .get("/tasks/" + id + "/result")
                .then()
                .statusCode(200)
                .extract()
                .asString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "collect      | []",
                "sum          | 0",
                "count        | 0",
                "merge_counts | {}",
                "concat       | \"\"",
                "min          | null",
                "max          | null",
                "first        | null",
                "any          | null",
                "none         | null",
            })
    void eachWayToCombineHasAnAnswerOfNoResults(String combine, String answer) {
        assertEquals(answer, resultOf(submit("{'type':'mine','payloads':[],'combine':'" + combine + "'}")));
        assertEquals(
                answer,
                resultOf(submit("{'type':'mine','payloads':[],'combine':'" + combine + "','key':'" + combine + "'}")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'mine','payloads':[]}                                                   | []",
                "{'type':'sum_of_squares','payloads':[]}                                         | 0",
                "{'type':'prime_count','payloads':[]}                                            | 0",
                "{'type':'word_count','payloads':[]}                                             | {}",
                "{'type':'word_count','params':{'texts':[]}}                                     | {}",
                "{'type':'word_count','params':{'texts':[]},'subtasks':7,'on_failure':'continue'} | {}",
                "{'type':'word_count','params':{'texts':[]},'combine':'sum','timeout_ms':1}       | 0",
            })
    void eachTypeHasAnAnswerOfNoResults(String task, String answer) {
        assertEquals(answer, resultOf(submit(task)));
    }

    @Test
    void theViewOfAnEmptyTaskShowsThatThereWasNothingToDo() {
        String id = submit("{'type':'mine','payloads':[],'key':'the same'}");
        resultOf(id);
        server.request()
                .get("/tasks/" + id)
                .then()
                .body(
                        "progress",
                        is(Map.of("total", 0, "pending", 0, "leased", 0, "done", 0, "failed", 0, "cancelled", 0)))
                .body("started_at", nullValue())
                .body("finished_at", notNullValue())
                .body("error", nullValue());
        server.request()
                .body("{\"type\":\"mine\",\"payloads\":[],\"key\":\"the same\"}")
                .post("/tasks")
                .then()
                .statusCode(200)
                .body("id", is(id));
    }

    @Test
    void overTcpAnEmptyTaskIsAcceptedThenCompleted() {
        try (WirePeer sender = WirePeer.connect(server.address())) {
            sender.send("{'type':'task_sender','protocol':2}");
            sender.receive("welcome");
            for (String key : List.of("", ",'key':'over tcp'", ",'key':'over tcp'")) {
                sender.send("{'type':'submit','request':1,'progress':true,'task':{'type':'word_count',"
                        + "'params':{'texts':[]}" + key + "}}");
                JsonNode accepted = sender.receive("accepted");
                assertEquals(0, accepted.get("subtasks").longValue());
                JsonNode completed = sender.receive("completed");
                assertEquals(accepted.get("task_id"), completed.get("task_id"));
                assertEquals("{}", completed.get("result").toString());
            }
        }
    }

    @Test
    void theClientLibraryGivesTheAnswerOfAnEmptyTask() throws Exception {
        try (DivvyClient client = DivvyClient.connect(server.address())) {
            TaskHandle handle = client.submit(
                    TaskRequest.of("mine").payloads(List.of()).combine(CombineMode.CONCAT), progress -> {});
            assertEquals("\"\"", handle.await().toString());
            assertEquals(0, handle.subtasks());
            ObjectNode word = JsonText.object("{\"type\":\"word_count\",\"params\":{\"texts\":[]}}");
            assertEquals("{}", client.submit(word).await().toString());
        }
    }
}
