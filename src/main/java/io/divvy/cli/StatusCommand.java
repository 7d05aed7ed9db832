package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code divvy status} */
@Command(name = "status", description = "Says what a task is and how far it is.", mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final JsonOption output = new JsonOption();

    @Parameters(paramLabel = "ID", converter = TaskIdParameter.class, description = TaskIdParameter.DESCRIPTION)
    private String id = "";

    @Override
    public Integer call() throws Exception {
        ObjectNode task = server.rest().get(TaskIdParameters.path(id));
        if (output.json) {
            System.out.println(task);
        } else {
            TaskText.print(task, System.out);
        }
        return ExitCode.DONE;
    }
}
