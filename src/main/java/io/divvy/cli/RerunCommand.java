package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code divvy rerun} */
@Command(
        name = "rerun",
        description = {
            "Runs finished tasks again, as new ones, and prints their ids.",
            "Of a task that failed, was cancelled, or went on without some subtasks, what was done is taken over, so only"
                    + " the rest runs; where that is not kept, all of it runs."
        },
        mixinStandardHelpOptions = true)
final class RerunCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Option(names = "--json", description = "JSON, one line for each new task, as the HTTP API has it.")
    private boolean json;

    @Parameters(
            arity = "1..*",
            paramLabel = "ID",
            converter = TaskIdParameter.class,
            description = TaskIdParameter.DESCRIPTION)
    private List<String> ids = List.of();

    @Override
    public Integer call() throws Exception {
        RestClient rest = server.rest();
        for (String id : ids) {
            ObjectNode task = rest.post("/tasks/" + RestClient.encoded(id) + "/rerun");
            if (json) {
                System.out.println(task);
            } else {
                System.out.println(task.path("id").asText());
            }
            System.err.println("divvy: task " + id + " runs again; "
                    + task.path("taken_over").asLong() + " of "
                    + task.path("progress").path("total") + " subtasks are taken over from it");
        }
        return ExitCode.DONE;
    }
}
