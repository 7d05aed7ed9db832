package io.divvy.cli;

import io.divvy.client.DivvyClient;
import io.divvy.client.TaskFailedException;
import io.divvy.client.TaskHandle;
import io.divvy.client.TaskRefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code divvy wait} */
@Command(
        name = "wait",
        description = {
            "Waits for the end of tasks, of whoever submitted them, and prints their results.",
            "Of several tasks, each result has a line, in the order of the ids, and the exit code is the highest of what"
                    + " each of them alone would give.",
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Ctrl-C ends the wait and not the tasks; a second one within two seconds cancels the tasks.",
        })
final class WaitCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final WaitOptions wait = new WaitOptions();

    @Mixin
    private final ResultOutput output = new ResultOutput();

    @Parameters(
            arity = "1..*",
            paramLabel = "ID",
            converter = TaskIdParameter.class,
            description = TaskIdParameter.DESCRIPTION)
    private List<String> ids = List.of();

    @Override
    public Integer call() throws Exception {
        if (ids.size() > 1 && output.isFile()) {
            throw new UsageException("--output: expected one task, because a file holds one result, got " + ids.size());
        }
        output.requireWritable();
        try (TaskWait waiting = TaskWait.ofTasks(ids, wait.isJson());
                DivvyClient client = server.connect(wait.ofClient())) {
            if (ids.size() == 1) {
                TaskHandle handle = client.attach(ids.get(0), waiting.reports());
                waiting.begin(client, List.of(handle));
                waiting.finish(handle, output);
                return ExitCode.DONE;
            }
            return waitForAll(waiting, client);
        }
    }

    /** One that fails is said at its turn, and ends nothing: the others are waited for all the same. */
    private int waitForAll(TaskWait waiting, DivvyClient client) throws Exception {
        int worst = ExitCode.DONE;
        List<TaskHandle> handles = new ArrayList<>();
        for (String id : ids) {
            try {
                handles.add(client.attach(id, waiting.reports()));
            } catch (TaskRefusedException e) {
                worst = Math.max(worst, ErrorReport.say(e));
            }
        }
        waiting.begin(client, handles);
        for (TaskHandle handle : handles) {
            try {
                waiting.finish(handle, output);
            } catch (TaskFailedException | NoResultException | TaskRefusedException | RequestRefusedException e) {
                worst = Math.max(worst, ErrorReport.say(e));
            }
        }
        return worst;
    }
}
