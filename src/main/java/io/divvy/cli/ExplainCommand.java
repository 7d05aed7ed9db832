package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code divvy explain} */
@Command(
        name = "explain",
        description = "Says why a task is not finished: what it does or waits for now.",
        mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final JsonOption output = new JsonOption();

    @Parameters(paramLabel = "ID", converter = TaskIdParameter.class, description = TaskIdParameter.DESCRIPTION)
    private String id = "";

    @Override
    public Integer call() throws Exception {
        ObjectNode explanation = server.rest().get("/tasks/" + RestClient.encoded(id) + "/explain");
        if (output.json) {
            System.out.println(explanation);
            return ExitCode.DONE;
        }
        TextTable table = new TextTable("REASON", "MESSAGE");
        for (JsonNode reason : explanation.path("reasons")) {
            table.add(reason.path("reason").asText(), reason.path("message").asText());
        }
        table.print(System.out);
        return ExitCode.DONE;
    }
}
