package io.divvy.cli;

import io.divvy.protocol.ProtocolLimits;
import io.divvy.worker.Worker;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code divvy worker} */
@Command(
        name = "worker",
        description = {
            "Does subtasks for a server, until it is stopped.",
            "On Ctrl-C or SIGTERM it finishes what is started; a second one ends it at once. When its memory is used up it"
                    + " does the same by itself, and ends with 70, so that whatever started it starts it again. Each option can"
                    + " also be given as an environment variable: --slots as DIVVY_SLOTS.",
        },
        mixinStandardHelpOptions = true)
final class WorkerCommand implements Callable<Integer> {
    /** How long a worker in doubt that has left may take to end its process. */
    private static final long END_GRACE_MS = 5_000;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Option(
            names = "--slots",
            paramLabel = "N",
            description = "Subtasks that run at once; the number of processors if not given.")
    private int slots = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description =
                    "What the worker is called in logs and errors; the name of its host if not given. The server adds -2,"
                            + " -3 for further ones of the same name.")
    private @Nullable String name;

    @Option(
            names = "--last-exit-code",
            paramLabel = "N",
            description =
                    "Exit code of the previous process of this worker, given by whatever restarts it; shown in errors that"
                            + " blame a subtask for its death.")
    private @Nullable Integer lastExitCode;

    @Override
    public Integer call() throws Exception {
        try (Shutdown shutdown = Shutdown.atSignal()) {
            return run(shutdown);
        }
    }

    private int run(Shutdown shutdown) throws Exception {
        if (slots < 1 || slots > ProtocolLimits.MAX_SLOTS) {
            throw new UsageException("--slots: expected 1 to " + ProtocolLimits.MAX_SLOTS + ", got " + slots);
        }
        String workerName = name == null ? HostName.forWorker() : name;
        // The server gives a worker about a second of work at its speed, and bounds each lease in bytes. So nothing is
        // saved by taking less, and ranges that are folded at once would be small.
        int credit = ProtocolLimits.MAX_CREDIT;
        Worker.Config config = new Worker.Config(server.awaitTcp(), workerName, slots, credit, InstalledTypes.load());
        Worker worker = new Worker(config, lastExitCode);
        endWithoutFail(worker);
        try (WorkerProgress progress = WorkerProgress.of(workerName, worker)) {
            shutdown.first(() -> stopping(worker.activity().busySlots()), () -> {
                worker.drain();
                progress.close();
            });
            worker.run();
        }
        if (worker.doubt() != null) {
            System.err.println("divvy: this worker has to be restarted: " + worker.doubt());
            return ExitCode.IN_DOUBT;
        }
        return ExitCode.DONE;
    }

    private static String stopping(int running) {
        return switch (running) {
            case 0 -> "stopping: no subtask runs";
            case 1 -> "stopping: the subtask that runs is waited for, however long it takes";
            default -> "stopping: the " + running + " subtasks that run are waited for, however long they take";
        };
    }

    /**
     * A process that is in doubt may not even come to its end: so a thread that is there from the beginning, and needs nothing
     * more, sees to that.
     */
    private static void endWithoutFail(Worker worker) {
        Thread thread = new Thread(
                () -> {
                    try {
                        worker.awaitDoubt();
                        Thread.sleep(Worker.DOUBT_GRACE_MS + END_GRACE_MS);
                    } catch (InterruptedException e) {
                        return; // Nobody does that.
                    }
                    Runtime.getRuntime().halt(ExitCode.IN_DOUBT);
                },
                "divvy-end");
        thread.setDaemon(true);
        thread.start();
    }
}
