package io.divvy.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code divvy result} */
@Command(
        name = "result",
        description = "Gets the result of a completed task, of any size.",
        mixinStandardHelpOptions = true)
final class ResultCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final ResultOutput output = new ResultOutput();

    @Parameters(paramLabel = "ID", converter = TaskIdParameter.class, description = TaskIdParameter.DESCRIPTION)
    private String id = "";

    @Override
    public Integer call() throws Exception {
        output.requireWritable();
        output.fetch(server.rest(), id);
        return ExitCode.DONE;
    }
}
