package io.divvy.cli;

import java.util.Comparator;
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
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
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

    private static final Pattern NO_URL = Pattern.compile("cannot convert '(.*)' to URI.*", Pattern.DOTALL);

    private final EnvironmentDefaults environment;

    /** @param environment knows which values come from there */
    UsageReport(EnvironmentDefaults environment) {
        this.environment = environment;
    }

    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        command.getErr().println("divvy: " + text(failure));
        return ExitCode.WRONG_USAGE;
    }

    /** For who does not know what there is; what is wrong with a value says itself what is expected. */
    private static String hint(ParameterException failure) {
        return "; see \"" + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help\"";
    }

    private String text(ParameterException failure) {
        if (failure instanceof UnmatchedArgumentException unmatched) {
            String malformed = malformed(unmatched);
            return malformed == null ? unknown(unmatched) + hint(failure) : malformed;
        }
        // What is missing or wrong may be so because of an option that was taken for none.
        List<String> options = failure.getCommandLine().getUnmatchedArguments().stream()
                .filter(argument -> argument.matches("--?[a-zA-Z].*"))
                .toList();
        if (!options.isEmpty()) {
            return unknown(new UnmatchedArgumentException(failure.getCommandLine(), options)) + hint(failure);
        }
        if (failure instanceof MissingParameterException missing) {
            boolean hasNoValue = missing.getMissing().stream().allMatch(ArgSpec::isOption);
            return missing.getMissing().stream().map(UsageReport::nameOf).collect(Collectors.joining(" and "))
                    + (hasNoValue ? ": expected a value, got none" : ": expected, but not given")
                    + hint(failure);
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
            return "expected NAME=VALUE, got \"" + noPair.group(1) + "\"";
        }
        Matcher noNumber = NO_NUMBER.matcher(reason);
        if (noNumber.matches()) {
            return "expected a whole number, got \"" + noNumber.group(1) + "\"";
        }
        Matcher noUrl = NO_URL.matcher(reason);
        return noUrl.matches() ? "expected a URL, got \"" + noUrl.group(1) + "\"" : reason;
    }

    /** Of a list, picocli takes only the first to be malformed, and those behind it to be too many. */
    private static @Nullable String malformed(UnmatchedArgumentException failure) {
        for (PositionalParamSpec parameter :
                failure.getCommandLine().getCommandSpec().positionalParameters()) {
            if (parameter.arity().isVariable() && parameter.converters().length > 0) {
                try {
                    parameter.converters()[0].convert(failure.getUnmatched().get(0));
                } catch (TypeConversionException e) {
                    return nameOf(parameter) + ": " + e.getMessage();
                } catch (Exception e) {
                    return null; // Of no converter here.
                }
            }
        }
        return null;
    }

    private static String unknown(UnmatchedArgumentException failure) {
        String first = failure.getUnmatched().get(0);
        boolean isCommand = failure.getCommandLine().getParent() == null && !failure.isUnknownOption();
        String kind = failure.isUnknownOption() ? "option" : isCommand ? "command" : "argument";
        List<String> suggestions = failure.getSuggestions();
        String hint = suggestions.stream()
                .filter(meant -> isLike(first, meant))
                .min(Comparator.comparingInt(meant -> distance(first, meant)))
                .map(meant -> "; did you mean " + meant + "?")
                .orElse("");
        return "there is no " + kind + " \"" + first + "\"" + (kind.equals("argument") ? " here" : "") + hint;
    }

    /** Whether at most a third of the letters has to be changed to make the one of the other. */
    private static boolean isLike(String written, String meant) {
        return 3 * distance(written, meant) <= Math.max(written.length(), meant.length());
    }

    /** How many letters are to be changed, left out or put in. */
    private static int distance(String written, String meant) {
        int[] distances = new int[meant.length() + 1];
        for (int j = 0; j < distances.length; j++) {
            distances[j] = j;
        }
        for (int i = 1; i <= written.length(); i++) {
            int diagonal = distances[0];
            distances[0] = i;
            for (int j = 1; j < distances.length; j++) {
                int same = written.charAt(i - 1) == meant.charAt(j - 1) ? diagonal : diagonal + 1;
                diagonal = distances[j];
                distances[j] = Math.min(same, Math.min(distances[j], distances[j - 1]) + 1);
            }
        }
        return distances[meant.length()];
    }
}
