package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.protocol.Json;
import io.divvy.scheduler.Limits;
import io.divvy.testing.HttpExchange;
import io.divvy.testing.OpenApiContract;
import io.divvy.testing.RunningServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code ?wait=<seconds>}. */
class WaitTest {
    private static final String ONE_SUBTASK = """
            {"type":"mine","payloads":[1]}""";

    private final HttpClient client = HttpClient.newHttpClient();
    private RunningServer server = RunningServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theAnswerComesAsSoonAsTheTaskEnds() {
        String id = submit(server);
        CompletableFuture<HttpResponse<String>> held = get("/tasks/" + id + "?wait=300");
        CompletableFuture<HttpResponse<String>> heldSubmit = post("/tasks?wait=300", ONE_SUBTASK);
        server.request().get("/health").then().statusCode(200);
        assertFalse(held.isDone() || heldSubmit.isDone(), "nothing was done yet");
        server.startWorker((type, payload) -> payload);
        assertEquals("completed", state(held));
        assertEquals("completed", state(heldSubmit));
        assertEquals(202, heldSubmit.join().statusCode());
    }

    @Test
    void theAnswerComesWhenTheTimeIsOver() {
        String id = submit(server);
        long startNanos = System.nanoTime();
        server.request().get("/tasks/" + id + "?wait=1").then().statusCode(200).body("state", is("queued"));
        long elapsedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        assertTrue(elapsedMs >= 900, "answered after " + elapsedMs + " ms");
        server.request()
                .body(ONE_SUBTASK)
                .post("/tasks?wait=1")
                .then()
                .statusCode(202)
                .body("state", is("queued"));
    }

    @Test
    void waitOfZeroIsAnsweredAtOnce() {
        String id = submit(server);
        server.request().get("/tasks/" + id + "?wait=0").then().statusCode(200).body("state", is("queued"));
    }

    @Test
    void aKnownTaskIsWaitedForToo() {
        String keyed = """
                {"type":"mine","payloads":[1],"key":"k"}""";
        server.request().body(keyed).post("/tasks").then().statusCode(202);
        CompletableFuture<HttpResponse<String>> held = post("/tasks?wait=300", keyed);
        server.startWorker((type, payload) -> payload);
        assertEquals("completed", state(held));
        assertEquals(200, held.join().statusCode());
        server.request()
                .body(keyed)
                .post("/tasks?wait=300")
                .then()
                .statusCode(200)
                .body("state", is("completed"));
    }

    @Test
    void waitForAnUnknownTaskIsNotFound() {
        server.request()
                .get("/tasks/no-such-task?wait=300")
                .then()
                .statusCode(404)
                .body(isProblem(404, "not_found", containsString("\"no-such-task\"")));
    }

    @Test
    void manyWaitWithoutAThreadForEach() {
        String id = submit(server);
        List<CompletableFuture<HttpResponse<String>>> held = IntStream.range(0, 200)
                .mapToObj(i -> get("/tasks/" + id + "?wait=300"))
                .toList();
        await().until(() -> server.rest().openWaits() == 200);
        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("divvy-http"))
                .count();
        int ofAnyServer = 2; // They watch held answers, and send slow replies.
        assertTrue(threads <= RestLimits.DEFAULT.threads() + ofAnyServer, threads + " threads");
        server.request().get("/health").then().statusCode(200);
        server.startWorker((type, payload) -> payload);
        held.forEach(answer -> assertEquals("completed", state(answer)));
        await().until(() -> server.rest().openWaits() == 0);
    }

    @Test
    void aHeldAnswerIsNotAnIdleConnection() {
        server.close();
        server = RunningServer.start(
                Limits.DEFAULT, RestLimits.with().idleMs(200).build());
        String id = submit(server);
        server.request().get("/tasks/" + id + "?wait=2").then().statusCode(200).body("state", is("queued"));
    }

    @Test
    void heldAnswersAreGivenWhenTheServerCloses() {
        String id = submit(server);
        CompletableFuture<HttpResponse<String>> held = get("/tasks/" + id + "?wait=300");
        CompletableFuture<HttpResponse<String>> heldSubmit = post("/tasks?wait=300", ONE_SUBTASK);
        await().until(() -> server.rest().openWaits() == 2);
        long startNanos = System.nanoTime();
        server.close();
        Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
        assertEquals("queued", state(held));
        assertEquals("queued", state(heldSubmit));
        assertTrue(elapsed.compareTo(Duration.ofSeconds(5)) < 0, "closing took " + elapsed);
    }

    @Test
    void aWaitEndsWhenTheTaskIsCancelled() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        server.startWorker((type, payload) -> {
            started.countDown();
            new CountDownLatch(1).await();
            return payload;
        });
        String id = submit(server);
        CompletableFuture<HttpResponse<String>> held = get("/tasks/" + id + "?wait=300");
        assertTrue(started.await(10, TimeUnit.SECONDS));
        server.request().get("/tasks/" + id).then().body("state", is("running")).body("progress.leased", is(1));
        server.request().post("/tasks/" + id + "/cancel").then().body("state", is("cancelled"));
        assertEquals("cancelled", state(held));
    }

    private static String submit(RunningServer server) {
        return server.request().body(ONE_SUBTASK).post("/tasks").path("id");
    }

    private CompletableFuture<HttpResponse<String>> get(String path) {
        return send(HttpRequest.newBuilder(server.httpUri(path)), "");
    }

    private CompletableFuture<HttpResponse<String>> post(String path, String body) {
        return send(HttpRequest.newBuilder(server.httpUri(path)).POST(BodyPublishers.ofString(body)), body);
    }

    private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request, String body) {
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString())
                .thenApply(answer -> {
                    OpenApiContract.FILTER.require(HttpExchange.of(answer, body));
                    return answer;
                });
    }

    private static String state(CompletableFuture<HttpResponse<String>> answer) {
        try {
            String view = answer.get(20, TimeUnit.SECONDS).body();
            return Json.MAPPER.readTree(view).path("state").asText();
        } catch (Exception e) {
            throw new AssertionError("there was no answer", e);
        }
    }
}
