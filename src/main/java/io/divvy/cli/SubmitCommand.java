package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskHandle;
import io.divvy.client.TaskRefusedException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code divvy submit} */
@Command(
        name = "submit",
        description = "Submits a task, waits for it, and prints its result.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "For example: divvy submit sum_of_squares -p start=1 -p end=1000000",
            "Ctrl-C ends the wait and not the task; a second one within two seconds cancels the task.",
        })
final class SubmitCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final TaskOptions task = new TaskOptions();

    @Mixin
    private final WaitOptions wait = new WaitOptions();

    @Mixin
    private final ResultOutput output = new ResultOutput();

    @Option(names = "--detach", description = "Do not wait: print the task's id once it is accepted.")
    private boolean detach;

    @Override
    public Integer call() throws Exception {
        output.requireWritable();
        try {
            return submit(task.object());
        } catch (TaskRefusedException e) {
            throw new RequestRefusedException(e.code(), task.named(String.valueOf(e.getMessage())));
        }
    }

    private int submit(ObjectNode object) throws Exception {
        if (detach) {
            try (DivvyClient client = server.connect()) {
                TaskHandle handle = client.submit(object);
                System.out.println(wait.isJson() ? TaskText.json(handle.status()) : handle.id());
            }
            return ExitCode.DONE;
        }
        if (!wait.isJson()) {
            output.requireNoPictureForTerminal(object);
        }
        try (TaskWait waiting = TaskWait.ofSubmission(object.path("type").asText(), wait.isJson());
                DivvyClient client = server.connect(wait.ofClient())) {
            TaskHandle handle = client.submit(object, waiting.reports());
            waiting.begin(client, List.of(handle));
            waiting.finish(handle, output);
        }
        return ExitCode.DONE;
    }
}
