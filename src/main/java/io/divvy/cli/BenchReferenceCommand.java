package io.divvy.cli;

import io.divvy.bench.Reference;
import io.divvy.bench.ReferenceServers;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code divvy bench-reference}: what {@code divvy bench} starts to compare with. */
@Command(name = "bench-reference", hidden = true, description = "A server that divvy bench compares with.")
final class BenchReferenceCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "One of: ${COMPLETION-CANDIDATES}.")
    private Reference reference = Reference.ECHO;

    @Override
    public Integer call() throws Exception {
        Shutdown.atSignal();
        ReferenceServers.run(
                reference,
                port -> System.out.println("listening on tcp://127.0.0.1:" + port + " and http://127.0.0.1:" + port));
        // The web server has threads of its own.
        Thread.currentThread().join();
        return ExitCode.DONE;
    }
}
