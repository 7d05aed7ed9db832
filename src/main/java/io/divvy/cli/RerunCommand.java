package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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

    @Mixin
    private final TaskIdParameters tasks = new TaskIdParameters();

    @Override
    public Integer call() throws Exception {
        RestClient rest = server.rest();
        return tasks.each(
                id -> {
                    ObjectNode task = rest.post(TaskIdParameters.path(id) + "/rerun");
                    System.err.println("divvy: task " + id + " runs again; "
                            + task.path("taken_over").asLong() + " of "
                            + task.path("progress").path("total") + " subtasks are taken over from it");
                    return task;
                },
                task -> task.path("id").asText());
    }
}
