package io.divvy.cli;

import io.divvy.client.DivvyClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code divvy wait} */
@Command(
        name = "wait",
        description = "Waits for the end of a task, of whoever submitted it, and prints its result.",
        mixinStandardHelpOptions = true,
        footer = {"", "Ctrl-C ends the wait and not the task; a second one within two seconds cancels the task."})
final class WaitCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final WaitOptions wait = new WaitOptions();

    @Mixin
    private final ResultOutput output = new ResultOutput();

    @Parameters(paramLabel = "ID", converter = TaskIdParameter.class, description = "The task's id.")
    private String id = "";

    @Override
    public Integer call() throws Exception {
        output.requireWritable();
        try (TaskWait waiting = new TaskWait(id);
                DivvyClient client = server.connect(wait.ofClient())) {
            waiting.finish(client, client.attach(id, waiting::update), output);
        }
        return ExitCode.DONE;
    }
}
