package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.scheduler.Limits;
import io.divvy.testing.LimitsOf;
import io.divvy.testing.OpenApiContract;
import io.divvy.testing.RunningServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code GET /health}, {@code /ready} and {@code /openapi.yaml}, and what a server in trouble answers. */
class ServerRoutesTest {
    private static final RestLimits IMPATIENT = RestLimits.with()
            .connections(100)
            .bodyBytes(1 << 20)
            .bufferedBodyBytes(1 << 20)
            .answerMs(200)
            .readyMs(100)
            .stopMs(500)
            .build();

    @Test
    void aServerThatRunsIsUpAndReadyAndDescribesItself() {
        try (RunningServer server = RunningServer.start()) {
            server.request().get("/health").then().statusCode(200).body("status", is("up"));
            server.request().get("/ready").then().statusCode(200).body("status", is("ready"));
            server.request()
                    .get("/openapi.yaml")
                    .then()
                    .statusCode(200)
                    .contentType("application/yaml")
                    .body(startsWith("openapi: 3.1.0"));
        }
    }

    @Test
    void theDescriptionIsTheSameInBothForms() throws ProtocolException {
        try (RunningServer server = RunningServer.start()) {
            byte[] json = server.request().get("/openapi.json").asByteArray();
            assertEquals(OpenApiContract.FILTER.document(), Json.read(json, 0, json.length));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void whatIsTooMuchNowSaysWhenToComeBackWhoeverRefusesIt(int status) {
        Problem refused = JettyProblems.problem(status, "full");
        assertEquals(ErrorCode.BUSY, refused.code());
        assertEquals("1", refused.toReply().headers().get("Retry-After"));
        Problem ofCode = Problem.of(new ProtocolException(ErrorCode.BUSY, "full"));
        assertEquals("1", ofCode.toReply().headers().get("Retry-After"));
    }

    @Test
    void aServerWhoseLoopStandsStillIsUpAndNotReady() {
        try (RunningServer server = RunningServer.start(Limits.DEFAULT, IMPATIENT)) {
            server.holdLoop();
            server.request().get("/health").then().statusCode(200);
            server.request()
                    .get("/ready")
                    .then()
                    .statusCode(503)
                    .header("Retry-After", "5")
                    .body(isProblem(503, "busy", is("not ready: the event loop did not answer within 100 ms")));
        }
    }

    @Test
    void requestsToALoopThatStandsStillAreRefusedInTime() {
        try (RunningServer server = RunningServer.start(Limits.DEFAULT, IMPATIENT)) {
            server.holdLoop();
            for (String path : new String[] {"/tasks/a", "/tasks/a?wait=0", "/tasks/a/result"}) {
                server.request()
                        .get(path)
                        .then()
                        .statusCode(503)
                        .header("Retry-After", "1")
                        .body(isProblem(503, "busy", containsString("did not answer in time")));
            }
        }
    }

    @Test
    void aServerThatHasStoppedSaysSo() {
        try (RunningServer server = RunningServer.start(Limits.DEFAULT, IMPATIENT)) {
            server.stopLoop();
            for (String path : new String[] {"/ready", "/tasks/a", "/tasks/a?wait=300", "/tasks/a/result"}) {
                server.request()
                        .get(path)
                        .then()
                        .statusCode(503)
                        .body(isProblem(503, "busy", is("the server has stopped")));
            }
        }
    }

    @Test
    void aServerThatIsFullSaysWhenToComeBack() {
        Limits full = withOneOpenTask(2_500);
        try (RunningServer server = RunningServer.start(full, RestLimits.DEFAULT)) {
            String task = """
                    {"type":"mine","payloads":[1]}""";
            String id = server.request().body(task).post("/tasks").path("id");
            server.request()
                    .body(task)
                    .post("/tasks")
                    .then()
                    .statusCode(503)
                    .header("Retry-After", "3")
                    .body(isProblem(503, "busy", containsString("try again")));
            server.request().post("/tasks/" + id + "/cancel").then().statusCode(200);
            server.request().body(task).post("/tasks").then().statusCode(202);
        }
    }

    private static Limits withOneOpenTask(long busyRetryMs) {
        return LimitsOf.with(LimitsOf.with(draft -> draft.openTasks = 1), draft -> draft.busyRetryMs = busyRetryMs);
    }
}
