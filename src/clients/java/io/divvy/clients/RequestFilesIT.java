package io.divvy.clients;

import static io.divvy.clients.ExternalPrograms.needs;
import static io.divvy.clients.ExternalPrograms.succeeds;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The request files in {@code http/}, sent with httpyac to a server from the jar. Each title says what comes. What is left to
 * whoever reads them, the ids of tasks and of a worker, is put in here.
 */
@Tag("clients")
class RequestFilesIT {
    private static final String HTTPYAC = "httpyac@6.16.7";
    private static final Pattern VARIABLE = Pattern.compile("(?m)^@(\\w+) = .*$");
    private static final Pattern EXPECTED = Pattern.compile(".*[:?] (\\d{3})(?:, (\\w+))?\\.");
    private static final Duration LONGEST_TASK = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void eachRequestIsAnsweredAsItsTitleSaysAndNothingIsLeftToRun(@TempDir Path copies) throws Exception {
        needs("the request files", "npx, of Node.js", "npx", "--version");
        try (ServerProcess server = new ServerProcess()) {
            server.startWorker("stays");
            server.startWorker("leaves");
            List<String> wrong = new ArrayList<>();
            try (Stream<Path> files = Files.list(Path.of("http"))) {
                for (Path file : files.sorted().toList()) {
                    wrong.addAll(wrongAnswers(server, file, copies));
                }
            }
            assertEquals(List.of(), wrong);
            await().atMost(LONGEST_TASK).untilAsserted(() -> {
                assertEquals(0, tasks(server, "queued").size());
                assertEquals(0, tasks(server, "running").size());
            });
        }
    }

    private List<String> wrongAnswers(ServerProcess server, Path file, Path copies) throws IOException {
        String name = file.getFileName().toString();
        Files.writeString(copies.resolve(name), filledIn(server, Files.readString(file)));
        // It takes no files but those below the folder that it runs in, and ends before a pipe has taken all.
        String inFolder = "cd \"$0\" && exec \"$@\" > report.json";
        RunningProcess process = succeeds(
                "sh", "-c", inFolder, copies.toString(), "npx", "-y", HTTPYAC, "send", name, "--all", "--json");
        JsonNode requests =
                Json.MAPPER.readTree(copies.resolve("report.json").toFile()).get("requests");
        assertFalse(requests == null || requests.isEmpty(), () -> file + ": " + process);
        List<String> wrong = new ArrayList<>();
        for (JsonNode request : requests) {
            String title = request.path("title").asText();
            Matcher expected = EXPECTED.matcher(title);
            String said = request.at("/response/statusCode").asText() + " "
                    + request.at("/response/body").asText();
            if (!expected.matches()
                    || !said.startsWith(expected.group(1))
                    || expected.group(2) != null && !said.contains("\"code\":\"" + expected.group(2) + "\"")) {
                wrong.add(file + ": " + title + ", got " + said);
            }
        }
        return wrong;
    }

    /** The file as somebody has it who has put in the ids that it asks for. */
    private String filledIn(ServerProcess server, String file) {
        return VARIABLE.matcher(file).replaceAll(variable -> {
            String name = variable.group(1);
            String value =
                    switch (name) {
                        case "base" -> server.httpUrl();
                        case "completed" ->
                            submitted(server, "?wait=30", "{'type':'sum_of_squares','params':{'start':1,'end':9}}");
                        case "unfinished" ->
                            submitted(server, "", "{'type':'nobodys','payloads':[1],'timeout_ms':20000}");
                        case "worker" -> workerCalled(server, "leaves");
                        default -> throw new AssertionError("what is @" + name + "?");
                    };
            return "@" + name + " = " + value;
        });
    }

    /** The id of a task. */
    private String submitted(ServerProcess server, String query, String task) {
        return json(HttpRequest.newBuilder(URI.create(server.httpUrl() + "/tasks" + query))
                        .POST(HttpRequest.BodyPublishers.ofString(task.replace('\'', '"')))
                        .build())
                .get("id")
                .asText();
    }

    private String workerCalled(ServerProcess server, String name) {
        for (JsonNode worker : items(server, "/workers")) {
            if (worker.get("name").asText().equals(name)) {
                return worker.get("id").asText();
            }
        }
        throw new AssertionError("no worker " + name);
    }

    private JsonNode tasks(ServerProcess server, String state) {
        return items(server, "/tasks?state=" + state);
    }

    private JsonNode items(ServerProcess server, String path) {
        return json(HttpRequest.newBuilder(URI.create(server.httpUrl() + path)).build())
                .get("items");
    }

    private JsonNode json(HttpRequest request) {
        try {
            return Json.MAPPER.readTree(
                    http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
