package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code divvy delete} */
@Command(
        name = "delete",
        description = "Forgets tasks that have ended, with their results and their keys.",
        mixinStandardHelpOptions = true)
final class DeleteCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final TaskIdParameters tasks = new TaskIdParameters();

    @Override
    public Integer call() throws Exception {
        RestClient rest = server.rest();
        return tasks.each(
                id -> {
                    ObjectNode task = rest.get(TaskIdParameters.path(id));
                    rest.delete(TaskIdParameters.path(task.path("id").asText()));
                    return task;
                },
                task -> TaskIdParameters.name(task) + " is deleted");
    }
}
