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
import java.util.List;
import java.util.stream.Collectors;

/** What a task is and how far it is, for people: a line for each thing that there is to say. */
final class TaskText {
    /** A result that is longer is got, not looked at. */
    private static final int SHORT_CHARS = 200;

    private record Line(String name, String value) {}

    private final List<Line> lines = new ArrayList<>();

    /** @param task as the HTTP API has it */
    private TaskText(ObjectNode task) {
        add("task", task.path("id"));
        add("alias", task.path("alias"));
        add("type", task.path("type"));
        add("name", task.path("name"));
        add("labels", labels(task));
        add("state", task.path("state").asText() + (task.path("paused").asBoolean() ? ", paused" : ""));
        add("subtasks", subtasks(task.path("progress"), task.path("retries").longValue()));
        addSubmitted(task);
        addTime("submitted", task.path("submitted_at"));
        add("not before", task.path("not_before"));
        addTime("started", task.path("started_at"));
        addTime("finished", task.path("finished_at"));
        add("error", task.path("error").path("message"));
        addFailures(task);
        if (task.path("state").asText().equals("completed")) {
            String result = task.path("result").toString();
            boolean isShort = task.path("result_at").isNull() && result.length() <= SHORT_CHARS;
            String id = task.path("id").asText();
            add("result", isShort ? result : "\"divvy result " + id + "\" gets it");
        }
    }

    static void print(ObjectNode task, PrintStream out) {
        List<Line> lines = new TaskText(task).lines;
        int width = lines.stream().mapToInt(line -> line.name.length()).max().orElse(0);
        lines.forEach(line -> out.println(line.name + " ".repeat(width - line.name.length() + 2) + line.value));
    }

    private void addSubmitted(ObjectNode task) {
        JsonNode input = task.path("input");
        JsonNode params = input.path("params");
        if (input.path("params_bytes").isNumber()) {
            String text = params.toString();
            boolean isShort = params.isObject() && text.length() <= SHORT_CHARS;
            add("params", isShort ? text : input.path("params_bytes").asText() + " bytes");
        }
        if (input.path("payloads").isNumber()) {
            add(
                    "payloads",
                    input.path("payloads").asText() + ", together "
                            + input.path("payloads_bytes").asText() + " bytes");
        }
        add("combine", input.path("combine"));
        add("key", task.path("key"));
        add("priority", task.path("priority"));
        addTime("timeout", task.path("timeout_ms").longValue());
        addTime("subtask timeout", task.path("subtask_timeout_ms").longValue());
        if (task.path("max_attempts").longValue() > 0) {
            add("attempts", "at most " + task.path("max_attempts").asText() + " for each subtask");
        }
        if (task.path("on_failure").asText().equals("continue")) {
            add("on failure", "continue");
        }
    }

    /** In each kind of failure, an example says more than what all of them have in common. */
    private void addFailures(ObjectNode task) {
        JsonNode kinds = task.path("failure_kinds");
        String name = "failures";
        for (JsonNode kind : kinds) {
            List<String> counts = new ArrayList<>();
            counts.add(counted(kind.path("attempts").longValue(), "attempt", "attempts"));
            if (kind.path("subtasks").longValue() > 0) {
                counts.add(counted(kind.path("subtasks").longValue(), "subtask", "subtasks") + " given up");
            }
            JsonNode example = kind.path("example");
            String what = example.isObject()
                    ? "for instance subtask " + example.path("index").asText() + " on "
                            + example.path("worker").asText() + ": "
                            + example.path("message").asText()
                    : kind.path("message").asText("of other kinds");
            add(name, String.join(", ", counts) + "; " + what);
            name = "";
        }
        if (!kinds.isEmpty()) {
            add("", "\"divvy failures " + task.path("id").asText() + "\" lists them");
        }
    }

    private static String counted(long count, String one, String several) {
        return count + " " + (count == 1 ? one : several);
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
            lines.add(new Line(name, TextTable.printable(value)));
        }
    }

    private void addTime(String name, long ms) {
        if (ms > 0) {
            add(name, DurationOption.text(ms));
        }
    }

    private void addTime(String name, JsonNode timestamp) {
        if (timestamp.isTextual()) {
            Duration age = Duration.between(Instant.parse(timestamp.asText()), Instant.now());
            add(name, timestamp.asText() + ", " + ListOptions.age(age) + " ago");
        }
    }
}
