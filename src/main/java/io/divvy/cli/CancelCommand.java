package io.divvy.cli;

import io.divvy.client.DivvyClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code divvy cancel} */
@Command(
        name = "cancel",
        description = {
            "Cancels a task, and prints it as JSON.",
            "A task that had ended before stays as it was.",
        },
        mixinStandardHelpOptions = true)
final class CancelCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(paramLabel = "ID", converter = TaskIdParameter.class, description = TaskIdParameter.DESCRIPTION)
    private String id = "";

    @Override
    public Integer call() throws Exception {
        try (DivvyClient client = server.connect()) {
            TaskText.print(client.cancel(id));
            return ExitCode.DONE;
        }
    }
}
