package io.divvy.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code java -jar divvy.jar …} */
@Command(
        name = "divvy",
        description =
                "Splits a big computation into many small ones, shares them out among workers, and puts the result"
                        + " together.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            ServerCommand.class,
            WorkerCommand.class,
            SubmitCommand.class,
            WaitCommand.class,
            ResultCommand.class,
            StatusCommand.class,
            CancelCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            RerunCommand.class,
            DeleteCommand.class,
            TasksCommand.class,
            ExplainCommand.class,
            FailuresCommand.class,
            WorkersCommand.class,
            DrainCommand.class,
            TypesCommand.class,
            BackupCommand.class,
            ReplayCommand.class,
            BenchCommand.class,
            BenchReferenceCommand.class,
            CompletionCommand.class,
            VersionCommand.class,
            HelpCommand.class,
        },
        footer = {
            "",
            "Options of server and worker, but --fail-stranded, can also be given as environment variables: --http-port as"
                    + " DIVVY_HTTP_PORT. So can --server and --data of the commands whose help says so.",
            "\"divvy completion --help\" says how shells complete commands and options.",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the task failed or was cancelled",
            "2:wrong usage: what was typed makes no sense, or what is in a file that was given",
            "3:no server could be reached, or it is busy, failed or could not start",
            "4:what was asked for does not exist, or not any more",
            "5:the server refused the request, as things are",
            "6:a local file or the output could not be read or written, or is there already",
            "70:the process cannot go on and has to be started again: the event loop or the store of a server broke, the"
                    + " memory of a worker was used up, code of a task type called System.exit, or a command met a fault of"
                    + " Divvy itself",
            "130:interrupted",
        })
public final class Main implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    Main() {}

    public static void main(String[] args) {
        writeUtf8();
        int code;
        try {
            WrittenArguments.requireReadable(System.getenv());
            code = execute(System.getenv(), WrittenArguments.of(args));
        } catch (UsageException e) {
            System.err.println("divvy: " + e.getMessage());
            code = ExitCode.WRONG_USAGE;
        } catch (Throwable e) {
            // Not to be taken for a signal.
            System.err.println("divvy: " + ErrorReport.fault(e));
            if (new EnvironmentDefaults(System.getenv()).isSet(ErrorReport.STACK_TRACE)) {
                e.printStackTrace();
            }
            code = ExitCode.IN_DOUBT;
        }
        Shutdown.exit(code);
    }

    /** Runs one command on the standard streams of this process, and returns its exit code. */
    static int execute(Map<String, String> variables, String... arguments) {
        EnvironmentDefaults environment = new EnvironmentDefaults(variables);
        int code = commandLine()
                .setDefaultValueProvider(environment)
                .setParameterExceptionHandler(new UsageReport(environment))
                .setExecutionExceptionHandler(new ErrorReport(environment))
                // In a file or a pipe, help is as wide as it is everywhere.
                .setUsageHelpAutoWidth(Terminal.isTerminal(Terminal.STDOUT))
                .setColorScheme(Help.defaultColorScheme(hasColours(environment) ? Help.Ansi.ON : Help.Ansi.OFF))
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .registerConverter(Path.class, Main::path)
                .execute(arguments);
        return checked(code);
    }

    /** What picocli finds out by itself takes an empty variable for a set one, and a dumb terminal for any other. */
    private static boolean hasColours(EnvironmentDefaults environment) {
        return !environment.isSet("NO_COLOR") && Terminal.isTerminal(Terminal.STDOUT);
    }

    /** All commands, which know nothing of an environment yet. */
    static CommandLine commandLine() {
        CommandLine divvy = new CommandLine(new Main());
        for (CommandLine command : divvy.getSubcommands().values()) {
            command.getCommandSpec().versionProvider(new Version());
        }
        return divvy;
    }

    /** What was to be printed and is not all there is no success: the disk is full, or nobody reads the pipe any more. */
    private static int checked(int code) {
        if (!System.out.checkError() || code != ExitCode.DONE) {
            return code;
        }
        System.err.println("divvy: " + LocalFileException.STDOUT);
        return ExitCode.LOCAL_FILE;
    }

    /** Whatever the locale: results are JSON, and a letter that the locale does not have would become a question mark. */
    private static void writeUtf8() {
        System.setOut(utf8(FileDescriptor.out));
        System.setErr(utf8(FileDescriptor.err));
    }

    private static PrintStream utf8(FileDescriptor to) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(to), 1 << 13), true, StandardCharsets.UTF_8);
    }

    private static Path path(String name) {
        if (name.isEmpty()) {
            throw new TypeConversionException("expected a file name, got none"); // Java would take the working folder.
        }
        try {
            return WrittenArguments.path(name);
        } catch (UsageException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void run() {
        Objects.requireNonNull(spec, "injected by picocli").commandLine().usage(System.out);
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
