package io.divvy.cli;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * An option that is not given is looked up as an environment variable: {@code --http-port} as {@code DIVVY_HTTP_PORT}. Only
 * what is configuration: the options of the commands that run for long, and where the server is. What says what is to be done
 * this once, such as {@code --help}, {@code --detach} or {@code --fail-stranded}, has to be said each time.
 *
 * <p>A variable that is empty counts as not set. So does one that a container platform makes: beside a service called
 * {@code divvy} each container of Kubernetes has {@code DIVVY_PORT=tcp://10.0.0.7:5000}, and one that Docker links to it {@code
 * DIVVY_NAME=/web/divvy}, too.
 */
final class EnvironmentDefaults implements IDefaultValueProvider {
    private static final Set<String> CONFIGURED_COMMANDS = Set.of("server", "worker");
    private static final Set<String> CONFIGURED_EVERYWHERE = Set.of("--server", "--data");

    private final Map<String, String> environment;
    private final Map<ArgSpec, String> used = new HashMap<>();

    EnvironmentDefaults(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || !isConfiguration(option)) {
            return null;
        }
        String variable = "DIVVY_"
                + option.longestName().replaceFirst("^--", "").replace('-', '_').toUpperCase(Locale.ROOT);
        String value = environment.get(variable);
        if (value == null || value.isBlank() || isOfContainerPlatform(option, value)) {
            return null;
        }
        used.put(argument, variable);
        return value;
    }

    /** Whether there is such a variable that says anything. */
    boolean isSet(String variable) {
        return !environment.getOrDefault(variable, "").isBlank();
    }

    /** The variable that an option has its value from, or null. */
    @Nullable
    String variableOf(@Nullable ArgSpec argument) {
        return used.get(argument);
    }

    private static boolean isOfContainerPlatform(OptionSpec option, String value) {
        return option.longestName().endsWith("port") && value.matches("(tcp|udp|sctp)://.*")
                || option.longestName().equals("--name") && value.matches("/[^/]+/divvy");
    }

    private static boolean isConfiguration(OptionSpec option) {
        return CONFIGURED_EVERYWHERE.contains(option.longestName())
                        // Where others work is not the place to measure, unless that is said.
                        && !option.command().name().equals("bench")
                || CONFIGURED_COMMANDS.contains(option.command().name())
                        && !option.longestName().equals(ServerCommand.FAIL_STRANDED)
                        && !option.usageHelp()
                        && !option.versionHelp();
    }
}
