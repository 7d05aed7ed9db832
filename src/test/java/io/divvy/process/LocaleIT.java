package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Server, worker and command line on machines whose numbers have other digits, or whose small I is another letter. */
class LocaleIT {
    private static JsonNode get(ServerProcess server, String path) throws Exception {
        HttpResponse<byte[]> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.httpUrl() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        String text = new String(response.body(), StandardCharsets.UTF_8);
        assertEquals(200, response.statusCode(), path + ": " + text);
        assertTrue(text.chars().allMatch(character -> character < 0x80), path + ": " + text);
        response.headers()
                .map()
                .forEach((name, values) -> assertTrue(
                        values.toString().chars().allMatch(character -> character < 0x80), name + ": " + values));
        return Json.read(response.body(), 0, response.body().length);
    }

    @ParameterizedTest
    @CsvSource({"ar, EG, u-nu-arab", "tr, TR, ''"})
    void outputIsTheSameInEachLocale(String language, String country, String extensions) throws Exception {
        String[] flags = {"-Duser.language=" + language, "-Duser.country=" + country, "-Duser.extensions=" + extensions
        };
        try (ServerProcess server = new ServerProcess(flags)) {
            RunningProcess worker = server.keep(RunningProcess.divvy(
                    List.of(flags), Map.of(), "worker", "--server", server.address(), "--name", "ann"));
            worker.awaitLine("connected to");

            assertEquals(5, get(server, "/task-types").get("items").size());
            String picture = submit(
                    server,
                    flags,
                    "mandelbrot",
                    "--json",
                    "width=32",
                    "height=8",
                    "center=[-0.7,0]",
                    "scale=3.5",
                    "iterations=99");
            assertTrue(picture.contains("\"result\":{\"media_type\":\"image/png\",\"base64\":\""), picture);
            assertEquals(
                    "{\"iii\":2,\"title\":1}", submit(server, flags, "word_count", "texts=[\"TITLE III\",\"iii\"]"));
            JsonNode tasks = get(server, "/tasks").get("items");
            assertEquals(2, tasks.size());
            for (JsonNode task : tasks) {
                get(server, "/tasks/" + task.get("id").textValue());
                get(server, "/tasks/" + task.get("id").textValue() + "/explain");
            }
            get(server, "/workers");
            get(server, "/health");
            get(server, "/ready");
            List<RunningProcess> lists = Stream.of("tasks", "types", "workers")
                    .map(list -> RunningProcess.divvy(List.of(flags), Map.of(), list, "--server", server.address()))
                    .map(server::keep)
                    .toList();
            for (RunningProcess listed : lists) {
                assertEquals(0, listed.awaitExit(), listed::toString);
                assertTrue(listed.stdout().size() > 1, listed::toString);
                assertTrue(
                        listed.stdout().toString().chars().allMatch(character -> character < 0x80), listed::toString);
            }
        }
    }

    /** Such a machine is one whose locale has no letters but those of ASCII: many containers, and cron. */
    @ParameterizedTest
    @ValueSource(strings = {"env -u LANG -u LC_ALL -u LC_CTYPE", "env LC_ALL=C", "env LC_ALL=C.UTF-8"})
    void lettersOfArgumentsAndFilesAreReadInEachLocale(String environment, @TempDir Path folder) throws Exception {
        Path task = folder.resolve("task.json");
        Files.writeString(task, "{\"type\":\"word_count\",\"params\":{\"texts\":[\"h\u00e9llo w\u00f6rld\"]}}");
        try (ServerProcess server = new ServerProcess()) {
            server.startWorker("ann");
            // The letters are made by the shell, as this JVM may have a locale without them, too.
            String parameter = "\"$(printf 'texts=[\"h\\303\\251llo w\\303\\266rld\"]')\"";
            List<RunningProcess> submits = Stream.of(
                            "word_count -p " + parameter, "--file " + task, "--file - < " + task)
                    .map(what -> shell(server, environment, "submit --server " + server.address() + " " + what))
                    .toList();
            RunningProcess unreadable = shell(server, environment, "submit word_count -p \"$(printf 'texts=\\351')\"");
            for (RunningProcess submit : submits) {
                assertEquals(0, submit.awaitExit(), submit::toString);
                assertEquals(List.of("{\"h\u00e9llo\":1,\"w\u00f6rld\":1}"), submit.stdout());
            }
            assertEquals(2, unreadable.awaitExit(), unreadable::toString);
            assertTrue(unreadable.stderr().toString().contains("LC_ALL=C.UTF-8"), unreadable::toString);
        }
    }

    @Test
    void aFileWhoseNameTheLocaleDoesNotHaveIsRefusedWithWhatToDo() {
        try (ServerProcess server = new ServerProcess()) {
            List<RunningProcess> both = Stream.of("submit --file", "server --data")
                    .map(what -> shell(server, "env LC_ALL=C", what + " \"$(printf 't\\303\\242che')\""))
                    .toList();
            for (RunningProcess refused : both) {
                assertEquals(2, refused.awaitExit(), refused::toString);
                assertTrue(refused.stderr().toString().contains("file name t\u00e2che: "), refused::toString);
                assertTrue(refused.stderr().toString().contains("LC_ALL=C.UTF-8"), refused::toString);
            }
        }
    }

    private static RunningProcess shell(ServerProcess server, String environment, String arguments) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return server.keep(RunningProcess.of(List.of(
                "sh",
                "-c",
                "exec " + environment + " " + java + " -jar " + System.getProperty("divvy.jar") + " " + arguments)));
    }

    /**
     * Submits a task from such a machine. Returns the one line that it prints.
     *
     * @param params and options, which begin with dashes
     */
    private static String submit(ServerProcess server, String[] flags, String type, String... params) {
        List<String> arguments = new ArrayList<>(List.of("submit", "--server", server.address(), type));
        for (String param : params) {
            arguments.addAll(param.startsWith("--") ? List.of(param) : List.of("-p", param));
        }
        RunningProcess submit =
                server.keep(RunningProcess.divvy(List.of(flags), Map.of(), arguments.toArray(String[]::new)));
        assertEquals(0, submit.awaitExit(), submit::toString);
        assertEquals(1, submit.stdout().size(), submit::toString);
        return submit.stdout().get(0);
    }
}
