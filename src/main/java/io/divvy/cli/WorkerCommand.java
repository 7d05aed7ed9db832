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
    /** Enough that slots stay busy while messages travel, however short the subtasks are. */
    private static final int CREDIT_PER_SLOT = 1_024;

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
        int credit = Math.min(ProtocolLimits.MAX_CREDIT, slots * CREDIT_PER_SLOT);
        Worker worker = new Worker(new Worker.Config(server.address, workerName, slots, credit, TaskTypes.installed()));
        Shutdown.onSignal(worker::drain);
        worker.run();
        return ExitCode.DONE;
    }
}
