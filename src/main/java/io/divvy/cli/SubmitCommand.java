package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskHandle;
import io.divvy.protocol.Json;
import io.divvy.protocol.JsonLimitException;
import io.divvy.protocol.ProtocolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code divvy submit} */
@Command(
        name = "submit",
        description = "Submits a task, waits for it, and prints its result.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "For example: divvy submit sum_of_squares -p start=1 -p end=1000000",
            "Ctrl-C ends the wait, not the task.",
        })
final class SubmitCommand implements Callable<Integer> {
    @Mixin
    private final ServerAddress server = new ServerAddress();

    @Parameters(
            arity = "0..1",
            paramLabel = "TYPE",
            description = "The task type, for instance sum_of_squares. May be left out if the task object has one.")
    private @Nullable String type;

    @Option(
            names = {"-p", "--param"},
            paramLabel = "key=value",
            description = "A parameter of the task. A value that is JSON is taken as such, any other as a string.")
    private Map<String, String> params = new LinkedHashMap<>();

    @Option(
            names = {"--file", "--json"},
            paramLabel = "FILE|-",
            description = "The task object as JSON (params, payloads, priority, …), from a file or stdin. What else is"
                    + " given here is added to it.")
    private @Nullable String json;

    @Option(names = "--subtasks", paramLabel = "N", description = "How many subtasks to split the task into.")
    private @Nullable Long subtasks;

    @Option(names = "--detach", description = "Do not wait: print the task's id once it is accepted.")
    private boolean detach;

    @Override
    public Integer call() throws Exception {
        ObjectNode task = taskObject();
        try (DivvyClient client = Connecting.to(server.address)) {
            if (detach) {
                System.out.println(client.submit(task).id());
            } else {
                System.out.println(resultOf(client, task));
            }
            return ExitCode.DONE;
        }
    }

    private JsonNode resultOf(DivvyClient client, ObjectNode task) throws Exception {
        try (ProgressLine progress = new ProgressLine(task.path("type").asText());
                LastWords lastWords = new LastWords(progress)) {
            TaskHandle handle = client.submit(task, progress::update);
            lastWords.name(handle.id());
            return handle.await();
        }
    }

    private ObjectNode taskObject() throws UsageException {
        ObjectNode task = json == null ? Json.MAPPER.createObjectNode() : readJson(json);
        JsonNode ownType = task.get("type");
        if (type == null && ownType == null) {
            throw new UsageException("TYPE: expected the task type here or in the task object of --file, got neither");
        }
        if (type != null) {
            if (ownType != null && !ownType.equals(TextNode.valueOf(type))) {
                throw new UsageException("--file: its type is " + Json.describe(ownType)
                        + ", but the command line says \"" + type + "\"");
            }
            task.put("type", type);
        }
        if (subtasks != null) {
            task.put("subtasks", subtasks);
        }
        if (!params.isEmpty()) {
            JsonNode own = task.path("params");
            if (!own.isMissingNode() && !own.isObject()) {
                throw new UsageException(
                        "--file: params: expected an object, as -p adds to it, got " + Json.describe(own));
            }
            ObjectNode object = task.withObjectProperty("params");
            for (Map.Entry<String, String> param : params.entrySet()) {
                object.set(param.getKey(), value(param.getKey(), param.getValue()));
            }
        }
        return task;
    }

    private static ObjectNode readJson(String source) throws UsageException {
        try {
            byte[] bytes =
                    source.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(WrittenArguments.path(source));
            return Json.readObject(bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new UsageException("--file: cannot read " + source + ": " + e.getMessage());
        } catch (ProtocolException e) {
            throw new UsageException("--file: " + e.getMessage());
        }
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
