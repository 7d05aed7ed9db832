package io.divvy.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** {@code java -jar divvy.jar …} */
@Command(
        name = "divvy",
        description =
                "Splits a big computation into many small ones, shares them out among workers, and puts the answer"
                        + " back together.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            ServerCommand.class,
            WorkerCommand.class,
            SubmitCommand.class,
            StatusCommand.class,
            CancelCommand.class,
            TasksCommand.class,
            ExplainCommand.class,
            WorkersCommand.class,
            DrainCommand.class,
            TypesCommand.class,
            BackupCommand.class,
            BenchCommand.class,
            BenchReferenceCommand.class,
        },
        footer = {
            "",
            "Options of server and worker, and --server, --http and --data everywhere, can also be given as environment variables:"
                    + " --http-port as DIVVY_HTTP_PORT.",
            "Exit codes: 0 done, 1 the task failed, 2 wrong usage, 3 no server, 70 to be started anew, 130 interrupted.",
        })
public final class Main implements Runnable {
    private Main() {}

    public static void main(String[] args) {
        CommandLine commandLine = new CommandLine(new Main())
                .setDefaultValueProvider(new EnvironmentDefaults(System.getenv()))
                .setExecutionExceptionHandler(new ErrorReport())
                .setUsageHelpAutoWidth(true);
        int code;
        try {
            code = commandLine.execute(args);
        } catch (Throwable e) {
            // Not to be taken for a signal.
            e.printStackTrace();
            code = ExitCode.TASK_FAILED;
        }
        Shutdown.exit(code);
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    /** The version that the build wrote into the jar. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }

    /** For {@code --version}. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"Divvy " + version()};
        }
    }
}
