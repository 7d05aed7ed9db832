package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.containsString;

import io.divvy.testing.RunningServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code GET /tasks} does not take. */
class ListTasksQueryTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "state=sleeping, 'query parameter state: expected one of queued, running, completed, failed, cancelled, got \"sleeping\"'",
        "state=queued&state=failed, 'query parameter state: expected once, got it 2 times'",
        "state=, 'query parameter state: expected one of'",
        "type=a%20b, 'query parameter type: expected 1 to 100 of'",
        "label=red, 'query parameter label: expected name=value, got \"red\"'",
        "label=%3Dred, 'query parameter label: expected name=value, got \"=red\"'",
        "label=a%3D1&label=a%3D2, 'query parameter label: no task has two values of \"a\"'",
        "limit=0, 'query parameter limit: expected a whole number from 1 to 1000, got \"0\"'",
        "limit=1001, 'query parameter limit: expected'",
        "limit=ten, 'query parameter limit: expected'",
        "cursor=nonsense, 'query parameter cursor: expected the next_cursor of another page'",
        "cursor=!, 'query parameter cursor: expected the next_cursor of another page'",
        "page=2, 'query parameter \"page\": unknown; expected only state, type, label, limit, cursor'",
    })
    void aWrongQueryIsSaidToBe(String query, String detail) {
        server.request()
                .urlEncodingEnabled(false)
                .get("/tasks?" + query)
                .then()
                .statusCode(400)
                .body(isProblem(400, "bad_message", containsString(detail)));
    }
}
