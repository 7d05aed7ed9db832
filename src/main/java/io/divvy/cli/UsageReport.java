package io.divvy.cli;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with a command line, in one line on stderr. */
final class UsageReport implements IParameterExceptionHandler {
    /** As picocli says it, with the reason behind the colon. */
    private static final Pattern INVALID_VALUE = Pattern.compile(
            "Invalid value for (?:option|positional parameter)(?: '[^']*')?(?: at index \\S+)?(?: \\(.*?\\))?: (.*)",
            Pattern.DOTALL);

    private static final Pattern NO_PAIR =
            Pattern.compile("Value for option .* should be in KEY=VALUE format but was (.*)", Pattern.DOTALL);

    private static final Pattern NO_NUMBER = Pattern.compile("'(.*)' is not an? (?:int|long)", Pattern.DOTALL);

    private final EnvironmentDefaults environment;

    /** @param environment knows which values come from there */
    UsageReport(EnvironmentDefaults environment) {
        this.environment = environment;
    }

    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        command.getErr().println("divvy: " + text(failure) + "; see \"" + qualifiedName(command) + " --help\"");
        return ExitCode.WRONG_USAGE;
    }

    private static String qualifiedName(CommandLine command) {
        return command.getCommandSpec().qualifiedName();
    }

    private String text(ParameterException failure) {
        if (failure instanceof UnmatchedArgumentException unmatched) {
            return unknown(unmatched);
        }
        if (failure instanceof MissingParameterException missing) {
            return missing.getMissing().stream().map(UsageReport::nameOf).collect(Collectors.joining(" and "))
                    + ": expected, but not given";
        }
        String variable = environment.variableOf(failure.getArgSpec());
        String where = variable == null ? nameOf(failure.getArgSpec()) : "environment variable " + variable;
        return where + (where.isEmpty() ? "" : ": ") + reason(String.valueOf(failure.getMessage()));
    }

    private static String nameOf(@Nullable ArgSpec argument) {
        if (argument == null) {
            return "";
        }
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private static String reason(String message) {
        Matcher invalid = INVALID_VALUE.matcher(message);
        String reason = invalid.matches() ? invalid.group(1) : message;
        Matcher noPair = NO_PAIR.matcher(reason);
        if (noPair.matches()) {
            return "expected name=value, got \"" + noPair.group(1) + "\"";
        }
        Matcher noNumber = NO_NUMBER.matcher(reason);
        return noNumber.matches() ? "expected a whole number, got \"" + noNumber.group(1) + "\"" : reason;
    }

    private static String unknown(UnmatchedArgumentException failure) {
        String first = failure.getUnmatched().get(0);
        boolean isCommand = failure.getCommandLine().getParent() == null && !failure.isUnknownOption();
        String kind = failure.isUnknownOption() ? "option" : isCommand ? "command" : "argument";
        List<String> suggestions = failure.getSuggestions();
        // The first is the one that looks most like it.
        String hint = suggestions.isEmpty() ? "" : "; did you mean " + suggestions.get(0) + "?";
        return "there is no " + kind + " \"" + first + "\"" + (kind.equals("argument") ? " here" : "") + hint;
    }
}
