package io.divvy.rest;

import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Limits;
import io.divvy.server.ServerLimits;
import io.divvy.testing.RunningServer;
import io.divvy.testing.ServerLimitsOf;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code GET /tasks}. */
class ListTasksTest {
    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String submit(String type, String moreFields) {
        return server.request()
                .body("{\"type\":\"" + type + "\",\"payloads\":[1]" + moreFields + "}")
                .post("/tasks")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    /** Ids are ordered by time to the millisecond; of one millisecond the list has the greatest first. */
    private static List<String> newestFirst(List<String> ids) {
        List<String> sorted = new ArrayList<>(ids);
        sorted.sort(Collections.reverseOrder());
        return sorted;
    }

    private List<String> list(String query) {
        return server.request()
                .urlEncodingEnabled(false)
                .get("/tasks" + query)
                .then()
                .statusCode(200)
                .extract()
                .path("items.id");
    }

    @Test
    void theListWithoutTasksIsEmpty() {
        server.request()
                .get("/tasks")
                .then()
                .statusCode(200)
                .body("items", hasSize(0))
                .body("next_cursor", nullValue());
    }

    @Test
    void tasksAreListedTheNewestFirstWhetherTheyAreFinishedOrNot() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            ids.add(submit("mine", ""));
        }
        server.request().post("/tasks/" + ids.get(1) + "/cancel").then().statusCode(200);
        server.request().post("/tasks/" + ids.get(4) + "/cancel").then().statusCode(200);
        assertEquals(newestFirst(ids), list(""));
    }

    @Test
    void aTaskInTheListIsTheTask() {
        String id = submit("mine", ",\"name\":\"one\",\"labels\":{\"team\":\"a\"}");
        Object alone = server.request().get("/tasks/" + id).path("$");
        server.request().get("/tasks").then().body("items[0]", is(alone));
        server.request().post("/tasks/" + id + "/cancel").then().statusCode(200);
        alone = server.request().get("/tasks/" + id).path("$");
        server.request().get("/tasks").then().body("items[0]", is(alone));
    }

    @Test
    void pagesFollowEachOtherWhileTasksComeAndGo() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            ids.add(submit("mine", ""));
        }
        List<String> expected = newestFirst(ids);
        List<String> seen = new ArrayList<>();
        String cursor = null;
        for (int page = 0; page < 4; page++) {
            var answer = server.request()
                    .get("/tasks?limit=2" + (cursor == null ? "" : "&cursor=" + cursor))
                    .then()
                    .statusCode(200)
                    .extract();
            List<String> items = answer.path("items.id");
            seen.addAll(items);
            cursor = answer.path("next_cursor");
            // What comes is newer than the pages that are left; what goes was on a page already, or ends where it
            // stands.
            submit("mine", "");
            server.request().post("/tasks/" + items.get(0) + "/cancel").then().statusCode(200);
            server.request().delete("/tasks/" + items.get(0)).then().statusCode(204);
            if (page == 0) {
                server.request()
                        .post("/tasks/" + expected.get(5) + "/cancel")
                        .then()
                        .statusCode(200);
            }
        }
        assertEquals(expected, seen);
        assertEquals(null, cursor, "the last page says that it is the last");
    }

    @Test
    void aFullLastPageSaysThatItIsTheLast() {
        submit("mine", "");
        submit("mine", "");
        server.request()
                .get("/tasks?limit=2")
                .then()
                .body("items", hasSize(2))
                .body("next_cursor", nullValue())
                .header("Link", nullValue());
    }

    /** With all that was asked of this page, in whatever characters. */
    @Test
    void theLinkOfEachPageLeadsToTheNext() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(submit("mine", ",\"labels\":{\"<team>\":\"a&b=ü \\\"\",\"size\":\"1\"}"));
            submit("mine", "");
        }
        List<String> seen = new ArrayList<>();
        String next = "/tasks?label=%3Cteam%3E=a%26b%3D%C3%BC%20%22&limit=2&label=size%3D1&numbers=string";
        while (next != null) {
            var page = server.request()
                    .urlEncodingEnabled(false)
                    .get(next)
                    .then()
                    .statusCode(200)
                    .extract();
            seen.addAll(page.path("items.id"));
            String link = page.header("Link");
            next = link == null ? null : link.replaceFirst("^<(.*)>; rel=\"next\"$", "$1");
        }
        assertEquals(newestFirst(ids), seen);
    }

    @Test
    void aLinkThatWouldBeTooLongIsLeftOut() {
        String apostrophes = "'".repeat(100); // Each of them has three characters in a link.
        String labels = IntStream.range(0, 20)
                .mapToObj(i -> "\"l" + i + "\":\"" + apostrophes + '"')
                .collect(Collectors.joining(",", ",\"labels\":{", "}"));
        submit("mine", labels);
        submit("mine", labels);
        String query = IntStream.range(0, 20)
                .mapToObj(i -> "&label=l" + i + "=" + apostrophes)
                .collect(Collectors.joining());
        server.request()
                .urlEncodingEnabled(false)
                .get("/tasks?limit=1" + query)
                .then()
                .statusCode(200)
                .body("items", hasSize(1))
                .body("next_cursor", notNullValue())
                .header("Link", nullValue());
    }

    @Test
    void aListCanBeFiltered() {
        String red = submit("paint", ",\"labels\":{\"colour\":\"red\",\"size\":\"1=2\"}");
        String blue = submit("paint", ",\"labels\":{\"colour\":\"blue\"}");
        String other = submit("other", "");
        server.request().post("/tasks/" + blue + "/cancel").then().statusCode(200);

        assertEquals(List.of(other), list("?type=other"));
        assertEquals(newestFirst(List.of(red, blue)), list("?type=paint"));
        assertEquals(List.of(blue), list("?state=cancelled"));
        assertEquals(newestFirst(List.of(red, other)), list("?state=queued"));
        assertEquals(List.of(), list("?state=running"));
        assertEquals(List.of(), list("?state=failed"));
        assertEquals(List.of(red), list("?label=colour%3Dred"));
        assertEquals(List.of(blue), list("?label=colour%3Dblue"));
        assertEquals(
                List.of(red), list("?label=colour%3Dred&label=size%3D1%3D2"), "all of them, and the first = counts");
        assertEquals(List.of(), list("?label=colour%3Dred&label=size%3D2"));
        assertEquals(List.of(), list("?label=colour%3D"));
        assertEquals(List.of(red), list("?type=paint&state=queued&label=colour%3Dred&limit=1"));
    }

    @Test
    void aPageEndsWhenItsResultsTakeTooMuch() {
        ServerLimits small = ServerLimitsOf.with(
                ServerLimitsOf.with(draft -> draft.inlineResultBytes = 1_000), draft -> draft.pageResultBytes = 1_500);
        try (RunningServer tight = RunningServer.start(Limits.DEFAULT, RestLimits.DEFAULT, small)) {
            tight.startWorker((type, payload) -> payload);
            for (int i = 0; i < 3; i++) {
                tight.request()
                        .body("{\"type\":\"echo\",\"payloads\":[\"" + "x".repeat(900) + "\"]}")
                        .post("/tasks?wait=30")
                        .then()
                        .body("state", is("completed"));
            }
            String cursor = tight.request()
                    .get("/tasks")
                    .then()
                    .body("items", hasSize(1))
                    .extract()
                    .path("next_cursor");
            tight.request().get("/tasks?cursor=" + cursor).then().body("items", hasSize(1));
        }
    }
}
