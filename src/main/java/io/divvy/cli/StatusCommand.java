package io.divvy.cli;

import io.divvy.client.DivvyClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code divvy status} */
@Command(name = "status", description = "Prints a task as it is now, as JSON.", mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(paramLabel = "ID", converter = TaskIdParameter.class, description = TaskIdParameter.DESCRIPTION)
    private String id = "";

    @Override
    public Integer call() throws Exception {
        try (DivvyClient client = server.connect()) {
            TaskText.print(client.status(id));
            return ExitCode.DONE;
        }
    }
}
