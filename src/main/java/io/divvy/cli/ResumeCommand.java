package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.Json;
import java.time.Instant;
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
                ResumeCommand::said);
    }

    private static String said(ObjectNode task) {
        String notBefore = task.path("not_before").asText("");
        boolean waits = task.path("state").asText().equals("queued")
                && !notBefore.isEmpty()
                && Instant.parse(notBefore).isAfter(Instant.now());
        return TaskIdParameters.name(task)
                + (waits ? " is not paused any more; it begins at " + notBefore : " goes on");
    }
}
