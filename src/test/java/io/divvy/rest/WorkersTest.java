package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.divvy.testing.RunningServer;
import io.divvy.testing.TestWorker;
import io.divvy.testing.WirePeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code GET /workers}, {@code POST /workers/<id>/drain} and {@code GET /task-types}. */
class WorkersTest {
    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private TestWorker connect() {
        int before = connected();
        TestWorker worker = server.startWorker();
        await().until(() -> connected() == before + 1);
        return worker;
    }

    private int connected() {
        List<String> ids = server.request().get("/workers").path("items.id");
        return ids.size();
    }

    @Test
    void theListWithoutWorkersIsEmpty() {
        server.request().get("/workers").then().statusCode(200).body("items", hasSize(0));
    }

    @Test
    void aWorkerIsShownAsItIs() {
        connect();
        server.request()
                .body("{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":100},\"subtasks\":7}")
                .post("/tasks?wait=30")
                .then()
                .body("state", is("completed"));
        server.request()
                .get("/workers")
                .then()
                .statusCode(200)
                .body("items", hasSize(1))
                .body("items[0].id", is("1"))
                .body("items[0].name", is("test-worker"))
                .body("items[0].address", matchesPattern("127\\.0\\.0\\.1:\\d+"))
                .body("items[0].dialect", is(2))
                .body("items[0].slots", is(1))
                .body("items[0].credit", is(64))
                .body("items[0].credit_in_use", is(0))
                .body("items[0].task_types", is(List.of("*")))
                .body("items[0].derives", is(List.of()))
                .body("items[0].draining", is(false))
                .body("items[0].open_leases", is(0))
                .body("items[0].subtasks_done", is(7));
    }

    @Test
    void aWorkerThatDrainsGetsNothingNew() {
        connect();
        server.request()
                .post("/workers/1/drain")
                .then()
                .statusCode(200)
                .body("id", is("1"))
                .body("draining", is(true));
        server.request().post("/workers/1/drain").then().statusCode(200).body("draining", is(true));
        String id = server.request()
                .body("{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":10}}")
                .post("/tasks")
                .path("id");
        server.request()
                .get("/tasks/" + id + "/explain")
                .then()
                .body("reasons[0].reason", is("no_worker"))
                .body("reasons[0].message", containsString("1 worker of that type drains"));
        connect();
        server.request().get("/tasks/" + id + "?wait=30").then().body("result", is(385));
    }

    @ParameterizedTest
    @ValueSource(strings = {"99", "0", "gpu-7", "9999999999999999999"})
    void drainOfAnUnknownWorkerIsNotFound(String id) {
        server.request()
                .post("/workers/" + id + "/drain")
                .then()
                .statusCode(404)
                .body(isProblem(404, "not_found", containsString("no worker \"" + id + "\" is connected")));
    }

    @Test
    void aQueryParameterIsRefused() {
        for (String path : List.of("/workers?limit=1", "/task-types?name=x")) {
            server.request()
                    .get(path)
                    .then()
                    .statusCode(400)
                    .body(isProblem(400, "bad_message", containsString("unknown; expected none")));
        }
        server.request()
                .post("/workers/1/drain?now=true")
                .then()
                .statusCode(400)
                .body(isProblem(400, "bad_message", containsString("unknown; expected none")));
    }

    @Test
    void taskTypesSayWhetherAWorkerTakesThem() {
        Map<String, Object> before = taskType("sum_of_squares");
        assertEquals(true, before.get("known"));
        assertEquals(0, before.get("workers"));
        connect();
        assertEquals(1, taskType("sum_of_squares").get("workers"));
        server.request().post("/workers/1/drain").then().statusCode(200);
        assertEquals(0, taskType("sum_of_squares").get("workers"), "who drains takes none");
    }

    @Test
    void taskTypesAskNothingOfTheLoop() {
        connect();
        server.holdLoop();
        assertEquals(1, taskType("sum_of_squares").get("workers"));
        server.releaseLoop();
    }

    @Test
    void manyWorkersAreListedInTheOrderInWhichTheyConnected() {
        int many = 1_100; // More than one step of a query looks at.
        List<WirePeer> peers = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            WirePeer peer = WirePeer.connect(server.address());
            peers.add(peer);
            peer.send("{'type':'worker','protocol':2,'task_types':['b','a'],'derives':[]}");
        }
        await().until(() -> connected() == many);
        List<String> ids = server.request().get("/workers").path("items.id");
        assertEquals(IntStream.rangeClosed(1, many).mapToObj(Integer::toString).toList(), ids);
        assertEquals(List.of("a", "b"), server.request().get("/workers").path("items[0].task_types"));
        assertEquals(many, taskType("a").get("workers"));
        peers.forEach(WirePeer::vanish);
        await().until(() -> connected() == 0);
        assertNull(taskType("a"));
    }

    private Map<String, Object> taskType(String name) {
        return server.request()
                .get("/task-types")
                .then()
                .statusCode(200)
                .extract()
                .path("items.find { it.name == '" + name + "' }");
    }
}
