package io.divvy.cli;

import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code divvy help}. That of picocli says it in words of its own, and completes nothing. */
@Command(
        name = "help",
        description = "Prints the help of divvy, or of one of its commands.",
        mixinStandardHelpOptions = true)
final class HelpCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "COMMAND",
            completionCandidates = Commands.class,
            description = "The command, for instance submit; that of divvy itself if not given.")
    private @Nullable String command;

    @Override
    public Integer call() throws UsageException {
        CommandLine divvy =
                Objects.requireNonNull(spec, "injected by picocli").parent().commandLine();
        CommandLine meant = command == null ? divvy : divvy.getSubcommands().get(command);
        if (meant == null) {
            throw new UsageException("there is no command \"" + command + "\"; see \"divvy --help\"");
        }
        meant.usage(System.out);
        return ExitCode.DONE;
    }

    /** Those that are listed. */
    static final class Commands implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return new CommandLine(new Main())
                    .getSubcommands().entrySet().stream()
                            .filter(command -> !command.getValue()
                                    .getCommandSpec()
                                    .usageMessage()
                                    .hidden())
                            .map(command -> command.getKey())
                            .iterator();
        }
    }
}
