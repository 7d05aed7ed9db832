package io.divvy.cli;

import io.divvy.protocol.ProtocolLimits;
import io.divvy.task.TaskTypes;
import io.divvy.worker.Worker;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code divvy worker} */
@Command(
        name = "worker",
        description = "Does subtasks for a server, until it is stopped. On SIGTERM it finishes what is started.",
        mixinStandardHelpOptions = true)
final class WorkerCommand implements Callable<Integer> {
    @Mixin
    private final ServerAddress server = new ServerAddress();

    @Option(
            names = "--slots",
            paramLabel = "N",
            description = "Subtasks that run at once; the number of processors if not given.")
    private int slots = Runtime.getRuntime().availableProcessors();

    @Option(names = "--name", paramLabel = "S", description = "What the worker is called in logs and errors.")
    private @Nullable String name;

    @Override
    public Integer call() throws Exception {
        if (slots < 1 || slots > ProtocolLimits.MAX_SLOTS) {
            throw new UsageException("--slots: expected 1 to " + ProtocolLimits.MAX_SLOTS + ", got " + slots);
        }
        String workerName = name == null ? "worker-" + ProcessHandle.current().pid() : name;
        // The server gives a worker about a second of work at its speed, and each lease is a range or is bounded in
        // bytes:
        // there is nothing to be saved by taking less, and whole ranges that are folded at once are small otherwise.
        int credit = ProtocolLimits.MAX_CREDIT;
        Worker worker = new Worker(new Worker.Config(server.address, workerName, slots, credit, TaskTypes.installed()));
        Shutdown.onSignal(worker::drain);
        worker.run();
        return ExitCode.DONE;
    }
}
