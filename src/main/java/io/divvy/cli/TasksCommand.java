package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.Json;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code divvy tasks} */
@Command(
        name = "tasks",
        description = "Lists tasks, the newest first: unfinished ones and the finished ones that are kept.",
        mixinStandardHelpOptions = true)
final class TasksCommand implements Callable<Integer> {
    private static final int PAGE = 1_000;
    private static final int MAX_LIMIT = 1_000_000;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final ListOptions list = new ListOptions();

    @Option(
            names = "--state",
            paramLabel = "STATE",
            completionCandidates = CompletionCandidates.States.class,
            description = "Only tasks in this state: queued, running, completed, failed or cancelled.")
    private @Nullable String state;

    @Option(names = "--type", paramLabel = "TYPE", description = "Only tasks of this type.")
    private @Nullable String type;

    @Option(
            names = "--label",
            paramLabel = "NAME=VALUE",
            converter = NameAndValue.Converter.class,
            description = "Only tasks with this label; more than once for tasks that have all of these labels.")
    private List<NameAndValue> labels = new ArrayList<>();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "How many tasks to list at most; ${DEFAULT-VALUE} if not given.")
    private int limit;

    @Override
    public Integer call() throws Exception {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new UsageException("--limit: expected 1 to " + MAX_LIMIT + ", got " + limit);
        }
        RestClient rest = server.rest();
        list.show(out -> show(rest, out));
        return ExitCode.DONE;
    }

    private void show(RestClient rest, PrintStream out) throws Exception {
        ObjectNode all = Json.MAPPER.createObjectNode();
        ArrayNode items = all.putArray("items");
        String cursor = null;
        do {
            ObjectNode page = rest.get(path(Math.min(PAGE, limit - items.size()), cursor));
            page.path("items").forEach(items::add);
            cursor = page.path("next_cursor").textValue();
        } while (cursor != null && items.size() < limit);
        all.put("next_cursor", cursor);
        if (list.isJson()) {
            out.println(all);
            return;
        }
        ListOptions.print(table(items), out);
        if (items.isEmpty()) {
            list.note(out, "no tasks" + (isFiltered() ? " like these" : ""));
        }
        if (cursor != null) {
            list.note(out, "there may be more; --limit says how many are listed");
        }
    }

    private boolean isFiltered() {
        return state != null || type != null || !labels.isEmpty();
    }

    private String path(int atMost, @Nullable String cursor) {
        List<String> query = new ArrayList<>();
        query.add("limit=" + atMost);
        add(query, "state", state);
        add(query, "type", type);
        labels.forEach(label -> add(query, "label", label.name() + "=" + label.value()));
        add(query, "cursor", cursor);
        return "/tasks?" + String.join("&", query);
    }

    private static void add(List<String> query, String name, @Nullable String value) {
        if (value != null) {
            query.add(name + "=" + RestClient.encoded(value));
        }
    }

    private TextTable table(ArrayNode items) {
        TextTable table = new TextTable(
                "ID",
                "TYPE",
                "STATE",
                "DONE",
                "FAILED",
                "PRIORITY",
                list.isFull() ? "SUBMITTED" : "AGE",
                "NAME",
                "LABELS",
                "ALIAS");
        for (JsonNode task : items) {
            JsonNode progress = task.path("progress");
            table.add(
                    list.id(task.path("id").asText()),
                    task.path("type").asText(),
                    task.path("state").asText(),
                    progress.path("done").asText() + "/"
                            + progress.path("total").asText(),
                    progress.path("failed").asText(),
                    task.path("priority").asText(),
                    list.age(task.path("submitted_at").asText()),
                    task.path("name").isNull() ? "" : task.path("name").asText(),
                    TaskText.labels(task),
                    task.path("alias").isNull() ? "" : task.path("alias").asText());
        }
        return table;
    }
}
