package io.divvy.cli;

/** What a long-running command does when it is told to stop, by Ctrl-C or SIGTERM. */
final class Shutdown {
    private Shutdown() {}

    /** Runs the action and then ends the process with 0: being told to stop is no failure. */
    static void onSignal(Runnable action) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            action.run();
                            Runtime.getRuntime().halt(ExitCode.DONE);
                        },
                        "divvy-shutdown"));
    }
}
