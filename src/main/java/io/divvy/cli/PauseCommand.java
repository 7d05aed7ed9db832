package io.divvy.cli;

import io.divvy.protocol.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code divvy pause} */
@Command(
        name = "pause",
        description = {
            "Pauses tasks: nothing more of them is started until \"divvy resume\".",
            "What runs goes on and counts.",
        },
        mixinStandardHelpOptions = true)
final class PauseCommand implements Callable<Integer> {
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
                        Json.MAPPER.createObjectNode().put("paused", true)),
                task -> TaskIdParameters.name(task) + " is paused");
    }
}
