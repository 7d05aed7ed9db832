package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.JsonLimitException;
import io.divvy.protocol.ProtocolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that make a task object: one for each of its fields, and a file with a whole one. */
final class TaskOptions {
    private static final Path STDIN = Path.of("-");
    private static final Pattern OF_FIELD = Pattern.compile("task\\.(\\w+): (.*)", Pattern.DOTALL);
    /** How options are called that are not called as their field. */
    private static final Map<String, String> OTHERS = Map.of(
            "type", "TYPE",
            "labels", "--label",
            "timeout_ms", "--timeout",
            "subtask_timeout_ms", "--subtask-timeout");

    private static final Pattern OF_PARAM = Pattern.compile("params\\.([^:.\\[]+)(.*)", Pattern.DOTALL);
    /** In UTF-8. */
    private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    @Parameters(
            arity = "0..1",
            paramLabel = "TYPE",
            completionCandidates = CompletionCandidates.ShippedTypes.class,
            description = "The task type, for instance sum_of_squares. Optional if the object in --file has a type.")
    private @Nullable String type;

    @Option(
            names = {"-p", "--param"},
            paramLabel = "NAME=VALUE",
            converter = NameAndValue.Converter.class,
            description =
                    "A parameter of the task, once for each name. A value that is JSON is taken as such, any other as a"
                            + " string.")
    private List<NameAndValue> params = new ArrayList<>();

    @Option(
            names = "--file",
            paramLabel = "FILE|-",
            description = "The whole task object as JSON, from a file or standard input. Other options override"
                    + " its fields.")
    private @Nullable Path file;

    @Option(
            names = "--payloads",
            paramLabel = "FILE|-",
            description =
                    "The payloads as JSON lines, one for each subtask, from a file or standard input. Lines that are empty"
                            + " are skipped.")
    private @Nullable Path payloads;

    @Option(names = "--subtasks", paramLabel = "N", description = "How many subtasks to split the task into.")
    private @Nullable Long subtasks;

    @Option(names = "--name", paramLabel = "NAME", description = "What the task is called in lists.")
    private @Nullable String name;

    @Option(
            names = "--label",
            paramLabel = "NAME=VALUE",
            converter = NameAndValue.Converter.class,
            description = "A label to find the task by; once for each name.")
    private List<NameAndValue> labels = new ArrayList<>();

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "An idempotency key: the same task under the same key is not done twice.")
    private @Nullable String key;

    @Option(
            names = "--priority",
            paramLabel = "N",
            description = "Tasks of higher priority come first; 0 if not given.")
    private @Nullable Integer priority;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationOption.Timeout.class,
            description = "How long the whole task may take, for instance 90s, 15m or 12h.")
    private @Nullable Duration timeout;

    @Option(
            names = "--subtask-timeout",
            paramLabel = "TIME",
            converter = DurationOption.Timeout.class,
            description = "How long one attempt of one subtask may take.")
    private @Nullable Duration subtaskTimeout;

    @Option(
            names = "--not-before",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description =
                    "Start nothing of the task before that time: 2026-11-24T08:00:00Z, or how long it is until then, as"
                            + " 10m or 12h.")
    private @Nullable Instant notBefore;

    @Option(names = "--paused", description = "Start nothing of the task until \"divvy resume\".")
    private boolean paused;

    @Option(
            names = "--max-attempts",
            paramLabel = "N",
            description = "How often a subtask that fails is tried; 3 if not given.")
    private @Nullable Integer maxAttempts;

    @Option(
            names = "--on-failure",
            paramLabel = "fail|continue",
            completionCandidates = CompletionCandidates.FailurePolicies.class,
            description =
                    "When a subtask is out of attempts: fail the task, or continue without that subtask; fail if not"
                            + " given.")
    private @Nullable String onFailure;

    @Option(
            names = "--combine",
            paramLabel = "MODE",
            completionCandidates = CompletionCandidates.CombineModes.class,
            description =
                    "How the results of the subtasks become that of the task: collect, sum, min, max, count, concat, merge_counts, first, any"
                            + " or none.")
    private @Nullable String combine;

    /** Those that an option gave. */
    private final Set<String> fields = new HashSet<>();

    /** The task object. The server says what is wrong with its values; here only what cannot be read is refused. */
    ObjectNode object() throws UsageException, LocalFileException {
        if (STDIN.equals(file) && STDIN.equals(payloads)) {
            throw new UsageException("--file and --payloads: standard input can be read only once");
        }
        ObjectNode task = file == null ? Json.MAPPER.createObjectNode() : readTask(file);
        addType(task);
        addParams(task);
        if (payloads != null) {
            fields.add("payloads");
            task.set("payloads", readPayloads(payloads));
        }
        put(task, "subtasks", subtasks);
        put(task, "name", name);
        put(task, "key", key);
        put(task, "priority", priority);
        put(task, "timeout_ms", timeout == null ? null : timeout.toMillis());
        put(task, "subtask_timeout_ms", subtaskTimeout == null ? null : subtaskTimeout.toMillis());
        put(task, "not_before", notBefore == null ? null : notBefore.toString());
        put(task, "paused", paused ? Boolean.TRUE : null);
        put(task, "max_attempts", maxAttempts);
        put(task, "on_failure", onFailure);
        put(task, "combine", combine);
        if (!labels.isEmpty()) {
            fields.add("labels");
            ObjectNode all = object(task, "labels", "--label");
            NameAndValue.map("--label", labels).forEach(all::put);
        }
        return task;
    }

    /** What a server says of a field that an option gave, as said of the option. */
    String named(String message) {
        Matcher field = OF_FIELD.matcher(message);
        if (field.matches()) {
            String name = field.group(1);
            String option = OTHERS.getOrDefault(name, "--" + name.replace('_', '-'));
            String where = fields.contains(name) ? option : file == null ? "task." + name : "--file: " + name;
            return where + ": " + field.group(2);
        }
        Matcher param = OF_PARAM.matcher(message);
        return param.matches() && (file == null || isGiven(param.group(1)))
                ? "-p " + param.group(1) + param.group(2)
                : message;
    }

    private boolean isGiven(String param) {
        return params.stream().anyMatch(given -> given.name().equals(param));
    }

    private void put(ObjectNode task, String field, @Nullable Object value) {
        if (value != null) {
            fields.add(field);
            task.set(field, Json.MAPPER.valueToTree(value));
        }
    }

    private void addType(ObjectNode task) throws UsageException {
        JsonNode ownType = task.get("type");
        if (type == null && ownType == null) {
            throw new UsageException("TYPE: expected the task type here or in the task object of --file, got neither");
        }
        if (type != null) {
            if (ownType != null && !ownType.equals(TextNode.valueOf(type))) {
                throw new UsageException("--file: its type is " + Json.describe(ownType)
                        + ", but the command line says \"" + type + "\"");
            }
            put(task, "type", type);
        }
    }

    private void addParams(ObjectNode task) throws UsageException {
        if (!params.isEmpty()) {
            ObjectNode all = object(task, "params", "-p");
            for (Map.Entry<String, String> param :
                    NameAndValue.map("--param", params).entrySet()) {
                all.set(param.getKey(), value(param.getKey(), param.getValue()));
            }
        }
    }

    private static ObjectNode object(ObjectNode task, String field, String option) throws UsageException {
        JsonNode own = task.path(field);
        if (!own.isMissingNode() && !own.isObject()) {
            throw new UsageException("--file: " + field + ": expected an object, as " + option + " adds to it, got "
                    + Json.describe(own));
        }
        return task.withObjectProperty(field);
    }

    private static ObjectNode readTask(Path source) throws UsageException, LocalFileException {
        byte[] bytes = read("--file", source);
        try {
            return Json.readObject(bytes, 0, bytes.length);
        } catch (ProtocolException e) {
            throw new UsageException("--file: " + e.getMessage());
        }
    }

    private static ArrayNode readPayloads(Path source) throws UsageException, LocalFileException {
        byte[] bytes = read("--payloads", source);
        ArrayNode all = Json.MAPPER.createArrayNode();
        int line = 1;
        for (int from = 0; from < bytes.length; line++) {
            int to = from;
            while (to < bytes.length && bytes[to] != '\n') {
                to++;
            }
            if (!isBlank(bytes, from, to)) {
                try {
                    all.add(Json.read(bytes, from, to - from));
                } catch (ProtocolException e) {
                    throw new UsageException("--payloads: line " + line + ": " + e.getMessage());
                }
            }
            from = to + 1;
        }
        if (all.isEmpty()) {
            throw new UsageException(
                    "--payloads: expected a payload at least, one a line, got none from " + nameOf(source));
        }
        return all;
    }

    private static boolean isBlank(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] > ' ' || bytes[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] read(String option, Path source) throws LocalFileException {
        try {
            return withoutMark(source.equals(STDIN) ? System.in.readAllBytes() : Files.readAllBytes(source));
        } catch (IOException e) {
            throw LocalFileException.reading(option, nameOf(source), e);
        }
    }

    private static String nameOf(Path source) {
        return source.equals(STDIN) ? "standard input" : source.toString();
    }

    /** The byte order mark, which some editors put before a text, is no part of it. */
    private static byte[] withoutMark(byte[] text) {
        return text.length >= MARK.length && Arrays.equals(text, 0, MARK.length, MARK, 0, MARK.length)
                ? Arrays.copyOfRange(text, MARK.length, text.length)
                : text;
    }

    private static JsonNode value(String key, String text) throws UsageException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            return Json.read(bytes, 0, bytes.length);
        } catch (JsonLimitException e) {
            throw new UsageException("-p " + key + ": " + e.getMessage());
        } catch (ProtocolException e) {
            return TextNode.valueOf(text); // As announced: what is not JSON is a string.
        }
    }
}
