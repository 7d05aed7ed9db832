package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code divvy failures} */
@Command(
        name = "failures",
        description = "Lists the subtasks of a task of which an attempt failed, each with its last error.",
        mixinStandardHelpOptions = true)
final class FailuresCommand implements Callable<Integer> {
    private static final int PAGE = 1_000;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final JsonOption output = new JsonOption();

    @Parameters(paramLabel = "ID", converter = TaskIdParameter.class, description = TaskIdParameter.DESCRIPTION)
    private String id = "";

    @Override
    public Integer call() throws Exception {
        RestClient rest = server.rest();
        String path = "/tasks/" + RestClient.encoded(id) + "/failures?limit=" + PAGE;
        ObjectNode all = Json.MAPPER.createObjectNode();
        ArrayNode failures = all.putArray("items");
        long dropped = 0;
        String cursor = null;
        do {
            ObjectNode page = rest.get(cursor == null ? path : path + "&cursor=" + RestClient.encoded(cursor));
            page.path("items").forEach(failures::add);
            dropped = page.path("dropped").longValue();
            cursor = page.path("next_cursor").textValue();
        } while (cursor != null);
        if (output.json) {
            System.out.println(all.put("dropped", dropped).putNull("next_cursor"));
            return ExitCode.DONE;
        }
        print(failures);
        if (failures.isEmpty()) {
            System.err.println("divvy: no attempt is known to have failed");
        }
        if (dropped > 0) {
            System.err.println("divvy: " + dropped
                    + " more failed attempts are not kept, because they would take too much memory");
        }
        return ExitCode.DONE;
    }

    private static void print(Iterable<JsonNode> failures) {
        TextTable table = new TextTable("SUBTASK", "STATE", "ATTEMPTS", "WORKER", "MESSAGE");
        for (JsonNode failure : failures) {
            table.add(
                    failure.path("index").asText(),
                    failure.path("state").asText(),
                    failure.path("attempts").asText(),
                    failure.path("worker").asText(),
                    failure.path("message").asText());
        }
        table.print(System.out);
    }
}
