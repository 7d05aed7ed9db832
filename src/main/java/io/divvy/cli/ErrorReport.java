package io.divvy.cli;

import io.divvy.client.TaskFailedException;
import io.divvy.client.TaskLostException;
import io.divvy.client.TaskRefusedException;
import io.divvy.store.StoreOpenException;
import io.divvy.store.StoreOpenException.Reason;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** What went wrong, in one line on stderr, and the exit code that says so to scripts. */
final class ErrorReport implements IExecutionExceptionHandler {
    /** An environment variable: whether faults are shown with their stack traces. */
    static final String STACK_TRACE = "DIVVY_STACK_TRACE";

    private static final Pattern OPTION = Pattern.compile("(--[a-z-]+): (.*)", Pattern.DOTALL);

    private final EnvironmentDefaults environment;

    /** @param environment knows which values come from there */
    ErrorReport(EnvironmentDefaults environment) {
        this.environment = environment;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine commandLine, ParseResult parsed) {
        int exitCode = exitCode(failure);
        boolean isOurs = exitCode == ExitCode.IN_DOUBT;
        commandLine.getErr().println("divvy: " + (isOurs ? fault(failure) : message(failure, commandLine)));
        if (isOurs && environment.isSet(STACK_TRACE)) {
            failure.printStackTrace(commandLine.getErr());
        }
        return exitCode;
    }

    /** Of what no command knows: it should have been another message, or none. */
    static String fault(Throwable failure) {
        if (failure instanceof OutOfMemoryError) {
            return "the memory of this process is used up (" + failure.getMessage()
                    + "); JAVA_TOOL_OPTIONS=-Xmx4g gives it 4 GiB, for instance";
        }
        return TextTable.printable("a fault of Divvy itself, please report it: " + failure + "; set " + STACK_TRACE
                + "=1 to see where it happened");
    }

    private String message(Exception failure, CommandLine commandLine) {
        return named(ServerWords.asCommands(String.valueOf(failure.getMessage())), commandLine);
    }

    /** Who did not write the option is told where its value comes from. */
    private String named(String message, CommandLine commandLine) {
        Matcher option = OPTION.matcher(message);
        if (!option.matches()) {
            return message;
        }
        String variable = environment.variableOf(commandLine.getCommandSpec().findOption(option.group(1)));
        return variable == null ? message : "environment variable " + variable + ": " + option.group(2);
    }

    /** Of one thing among several, which go on. Returns the exit code that it alone would give. */
    static int say(Exception failure) {
        System.err.println("divvy: " + ServerWords.asCommands(String.valueOf(failure.getMessage())));
        return exitCode(failure);
    }

    static int exitCode(Exception failure) {
        if (failure instanceof UsageException) {
            return ExitCode.WRONG_USAGE;
        }
        if (failure instanceof LocalFileException) {
            return ExitCode.LOCAL_FILE;
        }
        if (failure instanceof StoreOpenException unopened) {
            // That of another server is there and as it should be.
            return unopened.reason() == Reason.LOCKED ? ExitCode.NO_SERVER : ExitCode.LOCAL_FILE;
        }
        if (failure instanceof TaskLostException) {
            return ExitCode.NOT_FOUND;
        }
        if (failure instanceof TaskFailedException) {
            return ExitCode.TASK_FAILED;
        }
        if (failure instanceof TaskRefusedException refused) {
            return exitCode(refused.code());
        }
        if (failure instanceof RequestRefusedException refused) {
            return refused.isMisdirected() ? ExitCode.REFUSED : exitCode(refused.code());
        }
        if (failure instanceof NoResultException) {
            return ExitCode.TASK_FAILED;
        }
        if (failure instanceof InterruptedException) {
            return ExitCode.INTERRUPTED;
        }
        return failure instanceof IOException ? ExitCode.NO_SERVER : ExitCode.IN_DOUBT;
    }

    /** @param code an error code of the protocol */
    private static int exitCode(String code) {
        return switch (code) {
            case "busy", "internal" -> ExitCode.NO_SERVER;
            case "not_found" -> ExitCode.NOT_FOUND;
            // What is typed goes into a request as it is.
            case "bad_message", "invalid_task", "unknown_task_type" -> ExitCode.WRONG_USAGE;
            default -> ExitCode.REFUSED;
        };
    }
}
