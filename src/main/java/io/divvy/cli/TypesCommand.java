package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code divvy types} */
@Command(
        name = "types",
        description = {
            "Lists the task types, how many workers take each, and its params.",
            "Params in brackets may be left out.",
        },
        mixinStandardHelpOptions = true)
final class TypesCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final JsonOption output = new JsonOption();

    @Override
    public Integer call() throws Exception {
        ObjectNode types = server.rest().get("/task-types");
        if (output.json) {
            System.out.println(types);
            return ExitCode.DONE;
        }
        TextTable table = new TextTable("TYPE", "WORKERS", "PARAMS");
        for (JsonNode type : types.path("items")) {
            table.add(
                    type.path("name").asText(),
                    type.path("workers").asText(),
                    type.path("known").asBoolean() ? params(type.path("params_schema")) : "(bring payloads)");
        }
        table.print(System.out);
        return ExitCode.DONE;
    }

    /** The names of the params. */
    private static String params(JsonNode schema) {
        Set<String> required = new HashSet<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        List<String> params = new ArrayList<>();
        schema.path("properties")
                .fieldNames()
                .forEachRemaining(name -> params.add(required.contains(name) ? name : "[" + name + "]"));
        return String.join(" ", params);
    }
}
