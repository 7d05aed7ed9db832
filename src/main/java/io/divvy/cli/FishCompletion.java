package io.divvy.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The completion of the shell fish, which picocli does not make: one {@code complete} for each command and each option. */
final class FishCompletion {
    private final String program;
    private final StringBuilder script = new StringBuilder();

    private FishCompletion(String program) {
        this.program = program;
    }

    static String of(CommandLine commandLine) {
        CommandSpec root = commandLine.getCommandSpec();
        FishCompletion completion = new FishCompletion(root.name());
        completion.script.append("# Completion of ").append(root.name()).append(" in fish.\n");
        // Else file names are offered everywhere.
        completion.line(null, "-f");
        String noCommandYet = "__fish_use_subcommand";
        completion.options(root, noCommandYet);
        for (CommandLine subcommand : visibleSubcommands(root)) {
            CommandSpec command = subcommand.getCommandSpec();
            completion.line(noCommandYet, "-a " + quoted(command.name()) + " -d " + quoted(summary(command)));
        }
        for (CommandLine subcommand : visibleSubcommands(root)) {
            completion.command(subcommand.getCommandSpec());
        }
        return completion.script.toString();
    }

    private void command(CommandSpec command) {
        String given = "__fish_seen_subcommand_from " + command.name();
        options(command, given);
        for (PositionalParamSpec parameter : command.positionalParameters()) {
            if (isFile(parameter)) {
                line(given, "-F");
            } else if (parameter.completionCandidates() != null) {
                line(given, "-a " + candidates(parameter));
            }
        }
    }

    private void options(CommandSpec command, String condition) {
        for (OptionSpec option : command.options()) {
            if (!option.hidden()) {
                line(condition, names(option) + value(option) + " -d " + quoted(summary(option.description())));
            }
        }
    }

    private static String names(OptionSpec option) {
        List<String> names = new ArrayList<>();
        for (String name : option.names()) {
            names.add(name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1));
        }
        return String.join(" ", names);
    }

    private static String value(OptionSpec option) {
        if (option.arity().max() == 0) {
            return "";
        }
        if (isFile(option)) {
            return " -rF";
        }
        return option.completionCandidates() == null ? " -x" : " -xa " + candidates(option);
    }

    private static boolean isFile(ArgSpec argument) {
        return argument.type() == Path.class;
    }

    private static String candidates(ArgSpec argument) {
        return quoted(String.join(" ", argument.completionCandidates()));
    }

    private static List<CommandLine> visibleSubcommands(CommandSpec command) {
        return command.subcommands().values().stream()
                .filter(subcommand ->
                        !subcommand.getCommandSpec().usageMessage().hidden())
                .toList();
    }

    private static String summary(CommandSpec command) {
        String[] header = command.usageMessage().header();
        return summary(header.length > 0 ? header : command.usageMessage().description());
    }

    /** The first sentence, or what stands before its semicolon: it shares a line with what it is about. */
    private static String summary(String[] lines) {
        String text = String.join(" ", lines).replace("%n", " ");
        return text.replaceFirst("(?s)(?:\\.|;)(?:\\s.*)?$", "");
    }

    private void line(@Nullable String condition, String rest) {
        script.append("complete -c ").append(program);
        if (condition != null) {
            script.append(" -n ").append(quoted(condition));
        }
        script.append(' ').append(rest).append('\n');
    }

    /** Within single quotes fish knows these two alone. */
    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
