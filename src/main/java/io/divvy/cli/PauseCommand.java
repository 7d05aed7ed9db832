package io.divvy.cli;

import io.divvy.protocol.Json;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

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
            rest.patch(
                    "/tasks/" + RestClient.encoded(id),
                    Json.MAPPER.createObjectNode().put("paused", true));
        }
        return ExitCode.DONE;
    }
}
