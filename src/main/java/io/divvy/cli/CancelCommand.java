package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code divvy cancel} */
@Command(
        name = "cancel",
        description = {
            "Cancels tasks, and says of each how it ended.",
            "A task that had ended before stays as it was.",
        },
        mixinStandardHelpOptions = true)
final class CancelCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final TaskIdParameters tasks = new TaskIdParameters();

    @Override
    public Integer call() throws Exception {
        RestClient rest = server.rest();
        return tasks.each(id -> rest.post(TaskIdParameters.path(id) + "/cancel"), CancelCommand::said);
    }

    private static String said(ObjectNode task) {
        String state = task.path("state").asText();
        return TaskIdParameters.name(task) + " is " + state
                + (state.equals("cancelled") ? "" : "; it had ended before it could be cancelled");
    }
}
