package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.task.TaskTypes;
import io.divvy.task.builtin.SumOfSquares;
import io.divvy.testing.RunningServer;
import io.divvy.testing.TestWorker;
import io.divvy.testing.Unruly;
import io.divvy.testing.WirePeer;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the code of a type does on the server, it is the harm of its own task. */
@Timeout(120)
class TypeCodeOnServerTest {
    private static final long CALL_MS = 300;
    private static final int THREADS = 3;

    private static final List<String> PLACES =
            List.of("split", "count", "payload", "combiner", "isExact", "empty", "complaint", "add", "merge", "finish");

    private final Unruly unruly = new Unruly();
    private RunningServer server;

    @BeforeEach
    void start() {
        TypeLimits usual = ServerLimits.DEFAULT.types();
        server = RunningServer.start(
                new TaskTypes(List.of(unruly, new SumOfSquares())),
                ServerLimits.DEFAULT.with(draft -> draft.types =
                        new TypeLimits(CALL_MS, THREADS, usual.waitingBytes(), usual.payloadAheadBytes())));
        server.startWorker((type, payload) ->
                type.equals(Unruly.NAME) ? payload : TestWorker.SHIPPED_TYPES.compute(type, payload));
    }

    @AfterEach
    void stop() {
        unruly.letGo();
        server.close();
    }

    private static String misbehaving(String at, String how, String more) {
        return "{\"type\":\"unruly\",\"params\":{\"at\":\"" + at + "\",\"how\":\"" + how + "\"}" + more + "}";
    }

    private ValidatableResponse submit(String task) {
        return server.request().body(task).post("/tasks?wait=60").then();
    }

    /** Refused, or taken and failed. */
    private void comesToNothing(String at, String how, String more) {
        JsonNode answer = submit(misbehaving(at, how, more))
                .statusCode(anyOf(is(200), is(202), is(422)))
                .extract()
                .as(JsonNode.class);
        if (answer.path("status").asInt() != 422) {
            assertEquals("failed", answer.path("state").asText(), at + " " + how + ": " + answer);
        }
    }

    private void othersGoOn() {
        submit("{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":3}}")
                .body("result", is(14));
    }

    private void theTypeGoesOn() {
        submit("{\"type\":\"unruly\"}").body("state", is("completed")).body("result", is(4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"error", "linkage", "memory", "stack", "death", "sneaky", "silent", "null"})
    void codeThatFailsFailsItsTaskAlone(String how) {
        for (String at : PLACES) {
            if (how.equals("null") && (at.equals("complaint") || at.equals("isExact"))) {
                continue; // That null means something, and that none is possible.
            }
            comesToNothing(at, how, "");
            comesToNothing(at, how, ",\"key\":\"" + at + "\"");
            comesToNothing(at, how, ",\"key\":\"" + at + "\"");
        }
        theTypeGoesOn();
        othersGoOn();
        server.request().get("/task-types").then().statusCode(200);
        server.request().get("/ready").then().body("stuck_types.size()", is(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"payload", "finish"})
    void jsonOfForeignCodeThatCannotBeReadFailsItsTaskAlone(String at) {
        submit(misbehaving(at, "unreadable", ""))
                .body("error.message", containsString(at + " returned what cannot be read as JSON"));
        othersGoOn();
    }

    @ParameterizedTest
    @ValueSource(strings = {"split", "payload", "complaint", "add", "finish"})
    void codeThatHangsFailsItsTaskAlone(String at) {
        try (WirePeer sender = WirePeer.sender(server.address())) {
            sender.send("{'type':'submit','task':" + misbehaving(at, "hang", "") + "}");
            // Neither the sender's other tasks nor those of others wait for it.
            sender.send("{'type':'submit','task':{'type':'sum_of_squares','params':{'start':1,'end':3}}}");
            othersGoOn();
            theTypeGoesOn();
        }
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> server.request()
                        .get("/ready")
                        .then()
                        .statusCode(200)
                        .body("stuck_types[0].name", is("unruly"))
                        .body("stuck_types[0].calls", is(1))
                        .body("stuck_types[0].refused", is(false)));
        theTypeGoesOn();

        unruly.letGo();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> server.request().get("/ready").then().body("stuck_types.size()", is(0)));
    }

    @Test
    void theTaskSaysWhichCallDidNotReturn() {
        submit(misbehaving("add", "hang", ""))
                .body("state", is("failed"))
                .body("error.code", is("task_type_failed"))
                .body("error.message", containsString("add did not return within 300 ms"));
        submit(misbehaving("split", "hang", ""))
                .statusCode(422)
                .body("detail", containsString("split did not return within 300 ms"));
    }

    @Test
    void aTypeWhoseThreadsAreAllLostIsRefusedByNameUntilTheyReturn() {
        for (int i = 0; i < THREADS; i++) {
            comesToNothing("split", "hang", "");
        }
        server.request().get("/ready").then().statusCode(200).body("stuck_types[0].refused", is(true));
        submit("{\"type\":\"unruly\"}")
                .statusCode(503)
                .body("detail", containsString("the task type unruly is refused"));
        othersGoOn();
        // A task that brings all that its type would say does not need the type's code.
        submit("{\"type\":\"unruly\",\"payloads\":[1,2],\"combine\":\"collect\"}")
                .body("state", is("completed"));

        unruly.letGo();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> server.request().get("/ready").then().body("stuck_types.size()", is(0)));
        theTypeGoesOn();
    }

    @Test
    void changesThatATypeMakesToItsParamsAreSeenByNobodyElse() {
        String greedy =
                "{\"type\":\"unruly\",\"key\":\"k\",\"params\":{\"at\":\"split\",\"how\":\"greed\",\"size\":1}}";
        submit(greedy).body("state", is("completed"));
        submit(greedy).body("state", is("completed"));
        submit(greedy.replace("1}", "2}")).statusCode(409);
    }
}
