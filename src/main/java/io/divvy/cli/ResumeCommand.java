package io.divvy.cli;

import io.divvy.protocol.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code divvy resume} */
@Command(name = "resume", description = "Lets tasks go on that were paused.", mixinStandardHelpOptions = true)
final class ResumeCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final TaskIdParameters tasks = new TaskIdParameters();

    @Override
    public Integer call() throws Exception {
        RestClient rest = server.rest();
        return tasks.each(
                id -> rest.patch(
                        TaskIdParameters.path(id),
                        Json.MAPPER.createObjectNode().put("paused", false)),
                task -> TaskIdParameters.name(task) + " goes on");
    }
}
