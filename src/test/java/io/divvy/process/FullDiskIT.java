package io.divvy.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.testing.RunningProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose files may not grow, as on a full disk, until they may again. */
class FullDiskIT {
    private static final int FILE_KIB = 6 << 10;
    private static final String LARGE = "x".repeat(1 << 19);

    private final HttpClient http = HttpClient.newHttpClient();
    private String url;

    @Test
    void onAFullDiskAcceptedTasksGoOnAndNewOnesAreBusy(@TempDir Path data) throws Exception {
        try (RunningProcess prlimit = RunningProcess.of(List.of("bash", "-c", "command -v prlimit"))) {
            assumeTrue(prlimit.awaitExit() == 0, "there is no prlimit to play a full disk with");
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        try (RunningProcess server = RunningProcess.of(List.of(
                "bash",
                "-c",
                "ulimit -S -f " + FILE_KIB + "; exec \"$0\" -jar \"$1\" server --port 0 --http-port 0 --data \"$2\"",
                java,
                System.getProperty("divvy.jar"),
                data.toString()))) {
            Matcher ports = server.awaitLine("listening on tcp://127\\.0\\.0\\.1:(\\d+) and (http://\\S+)");
            url = ports.group(2);

            List<String> accepted = new ArrayList<>();
            HttpResponse<String> answer = submit();
            while (answer.statusCode() == 202) {
                accepted.add(json(answer).get("id").textValue());
                assertTrue(accepted.size() < 40, "twenty MiB fit into " + FILE_KIB + " KiB");
                answer = submit();
            }
            assertEquals(503, answer.statusCode(), answer.body());
            assertEquals("busy", json(answer).get("code").textValue());
            assertTrue(answer.headers().firstValue("Retry-After").isPresent(), "it says when to come back");
            assertTrue(!accepted.isEmpty(), "the first ones fitted");
            HttpResponse<String> ready = get("/ready");
            assertEquals(503, ready.statusCode());
            assertTrue(ready.body().contains("tasks cannot be saved"), ready.body());
            assertEquals(503, submit().statusCode());

            try (RunningProcess worker =
                            RunningProcess.divvy("worker", "--server", "127.0.0.1:" + ports.group(1), "--slots", "1");
                    RunningProcess room = RunningProcess.of(
                            List.of("prlimit", "--pid", Long.toString(server.pid()), "--fsize=unlimited"))) {
                assertEquals(0, room.awaitExit(), room::toString);
                await().atMost(Duration.ofSeconds(30)).until(() -> get("/ready").statusCode() == 200);
                answer = submit();
                assertEquals(202, answer.statusCode(), answer.body());
                accepted.add(json(answer).get("id").textValue());
                for (String id : accepted) {
                    JsonNode task = json(get("/tasks/" + id + "?wait=60"));
                    assertEquals("completed", task.get("state").textValue(), task.toString());
                    assertEquals("{\"" + LARGE + "\":1}", task.get("result").toString());
                }
                assertEquals(accepted.size(), countTasks(), "nothing is there that was refused");
                worker.terminate();
            }
        }
    }

    private int countTasks() throws Exception {
        int count = 0;
        JsonNode page = json(get("/tasks"));
        while (true) {
            count += page.get("items").size();
            if (!page.path("next_cursor").isTextual()) {
                return count;
            }
            page = json(get("/tasks?cursor=" + page.get("next_cursor").textValue()));
        }
    }

    private HttpResponse<String> submit() throws Exception {
        String task = "{\"type\":\"word_count\",\"params\":{\"texts\":[\"" + LARGE + "\"]}}";
        return http.send(
                HttpRequest.newBuilder(URI.create(url + "/tasks"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(task))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(url + path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response) throws Exception {
        byte[] body = response.body().getBytes(StandardCharsets.UTF_8);
        return Json.read(body, 0, body.length);
    }
}
