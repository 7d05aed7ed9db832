package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code divvy workers} */
@Command(name = "workers", description = "Lists the connected workers.", mixinStandardHelpOptions = true)
final class WorkersCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final ListOptions list = new ListOptions();

    @Override
    public Integer call() throws Exception {
        RestClient rest = server.rest();
        list.show(out -> show(rest, out));
        return ExitCode.DONE;
    }

    private void show(RestClient rest, PrintStream out) throws Exception {
        ObjectNode workers = rest.get("/workers");
        if (list.isJson()) {
            out.println(workers);
            return;
        }
        ListOptions.print(table(workers.path("items"), list), out);
        if (workers.path("items").isEmpty()) {
            list.note(out, "no workers; start one with \"divvy worker\"");
        }
    }

    static TextTable table(Iterable<JsonNode> workers, ListOptions list) {
        TextTable table = new TextTable(
                "ID",
                "NAME",
                "STATE",
                "SLOTS",
                "LEASES",
                "DONE",
                "LAST SEEN",
                "ADDRESS",
                "CREDIT",
                "CONNECTED",
                "TYPES");
        for (JsonNode worker : workers) {
            table.add(
                    worker.path("id").asText(),
                    worker.path("name").asText(),
                    state(worker),
                    worker.path("slots").asText(),
                    worker.path("open_leases").asText(),
                    worker.path("subtasks_done").asText(),
                    list.age(worker.path("last_seen_at").asText()),
                    worker.path("address").isNull()
                            ? ""
                            : worker.path("address").asText(),
                    worker.path("credit_in_use").asText() + "/"
                            + worker.path("credit").asText(),
                    list.age(worker.path("connected_at").asText()),
                    StreamSupport.stream(worker.path("task_types").spliterator(), false)
                            .map(JsonNode::asText)
                            .collect(Collectors.joining(",")));
        }
        return table;
    }

    private static String state(JsonNode worker) {
        if (worker.path("draining").asBoolean()) {
            return "draining";
        }
        if (worker.hasNonNull("quarantined_until")) {
            return "quarantined";
        }
        return worker.path("open_leases").asInt() > 0 ? "working" : "idle";
    }
}
