package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code divvy drain} */
@Command(
        name = "drain",
        description = "Asks a worker to finish what it has started and to leave, and lists it.",
        mixinStandardHelpOptions = true)
final class DrainCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final JsonOption output = new JsonOption();

    @Parameters(paramLabel = "WORKER", description = "The worker's id or its name, as \"divvy workers\" lists them.")
    private String worker = "";

    @Override
    public Integer call() throws Exception {
        RestClient rest = server.rest();
        ObjectNode drained = rest.post("/workers/" + RestClient.encoded(id(rest)) + "/drain");
        if (output.json) {
            System.out.println(drained);
        } else {
            ListOptions.print(WorkersCommand.table(List.of(drained), new ListOptions()), System.out);
        }
        return ExitCode.DONE;
    }

    /** Of the one worker that is meant; the server says so if there is none. */
    private String id(RestClient rest) throws Exception {
        List<String> named = new ArrayList<>();
        for (JsonNode candidate : rest.get("/workers").path("items")) {
            if (candidate.path("id").asText().equals(worker)) {
                return worker;
            }
            if (candidate.path("name").asText().equals(worker)) {
                named.add(candidate.path("id").asText());
            }
        }
        if (named.size() > 1) {
            // As of the ends of ids that several tasks have.
            throw new RequestRefusedException(
                    "not_found",
                    named.size() + " workers are named " + worker + "; give the id of the one that you mean: "
                            + String.join(", ", named));
        }
        return named.isEmpty() ? worker : named.get(0);
    }
}
