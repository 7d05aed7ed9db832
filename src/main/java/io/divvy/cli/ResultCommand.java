package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code divvy result} */
@Command(
        name = "result",
        description = {
            "Gets the result of a completed task, of any size.",
            "It is printed as JSON, a picture as the picture itself, but not on a terminal.",
        },
        mixinStandardHelpOptions = true)
final class ResultCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final ResultOutput output = new ResultOutput();

    @Option(names = "--json", description = "Print JSON also of a picture.")
    private boolean json;

    @Parameters(paramLabel = "ID", converter = TaskIdParameter.class, description = TaskIdParameter.DESCRIPTION)
    private String id = "";

    @Override
    public Integer call() throws Exception {
        output.requireWritable();
        RestClient rest = server.rest();
        try {
            if (json) {
                output.fetchJson(rest, id);
            } else {
                output.fetch(rest, id);
            }
        } catch (RequestRefusedException e) {
            throw e.code().equals("conflict") ? withoutResult(rest, e) : e;
        }
        return ExitCode.DONE;
    }

    /** Who waits for it is told the same of a task that ended without a result. */
    private Exception withoutResult(RestClient rest, RequestRefusedException refused)
            throws IOException, InterruptedException, RequestRefusedException {
        ObjectNode task = rest.get("/tasks/" + RestClient.encoded(id));
        return task.path("finished_at").isNull() ? refused : NoResultException.of(task);
    }
}
