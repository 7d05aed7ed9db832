package io.divvy.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.TaskView;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a task is and how far it is, for people: a line for each thing that there is to say. */
final class TaskText {
    /** A result that is longer is got, not looked at. */
    private static final int SHORT_CHARS = 200;

    private final Map<String, String> lines = new LinkedHashMap<>();

    /** @param task as the HTTP API has it */
    private TaskText(ObjectNode task) {
        add("task", task.path("id"));
        add("alias", task.path("alias"));
        add("type", task.path("type"));
        add("name", task.path("name"));
        add("labels", labels(task));
        add("state", task.path("state").asText() + (task.path("paused").asBoolean() ? ", paused" : ""));
        add("subtasks", subtasks(task.path("progress"), task.path("retries").longValue()));
        add("priority", task.path("priority"));
        addTime("submitted", task.path("submitted_at"));
        add("not before", task.path("not_before"));
        addTime("started", task.path("started_at"));
        addTime("finished", task.path("finished_at"));
        add("error", task.path("error").path("message"));
        if (task.path("state").asText().equals("completed")) {
            String result = task.path("result").toString();
            boolean isShort = task.path("result_at").isNull() && result.length() <= SHORT_CHARS;
            String id = task.path("id").asText();
            add("result", isShort ? result : "\"divvy result " + id + "\" gets it");
        }
    }

    static void print(ObjectNode task, PrintStream out) {
        Map<String, String> lines = new TaskText(task).lines;
        int width = lines.keySet().stream().mapToInt(String::length).max().orElse(0);
        lines.forEach((name, value) -> out.println(name + " ".repeat(width - name.length() + 2) + value));
    }

    /** In one line, as the HTTP API has it. */
    static String json(TaskView task) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = Json.MAPPER.createGenerator(text)) {
            task.writeTo(json);
        }
        return text.toString();
    }

    static String labels(JsonNode task) {
        return task.path("labels").properties().stream()
                .map(label -> label.getKey() + "=" + label.getValue().asText())
                .collect(Collectors.joining(","));
    }

    private static String subtasks(JsonNode progress, long retries) {
        List<String> parts = new ArrayList<>();
        parts.add(
                progress.path("done").asText() + " of " + progress.path("total").asText() + " done");
        addCount(parts, progress.path("leased").longValue(), "with workers");
        addCount(parts, progress.path("pending").longValue(), "waiting");
        addCount(parts, progress.path("failed").longValue(), "failed");
        addCount(parts, progress.path("cancelled").longValue(), "cancelled");
        addCount(parts, retries, "retried");
        return String.join(", ", parts);
    }

    private static void addCount(List<String> parts, long count, String what) {
        if (count > 0) {
            parts.add(count + " " + what);
        }
    }

    private void add(String name, JsonNode value) {
        if (!value.isNull() && !value.isMissingNode()) {
            add(name, value.asText());
        }
    }

    /** Names and errors come from others, who must not move the cursor. */
    private void add(String name, String value) {
        if (!value.isEmpty()) {
            lines.put(name, TextTable.printable(value));
        }
    }

    private void addTime(String name, JsonNode timestamp) {
        if (timestamp.isTextual()) {
            Duration age = Duration.between(Instant.parse(timestamp.asText()), Instant.now());
            add(name, timestamp.asText() + ", " + ListOptions.age(age) + " ago");
        }
    }
}
