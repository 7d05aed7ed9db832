package io.divvy.cli;

import io.divvy.client.ClientOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the commands that wait for a task do so. */
final class WaitOptions {
    /** So long that nobody sees its end. */
    private static final Duration FOR_EVER = Duration.ofDays(100 * 365L);

    @Option(
            names = "--give-up",
            paramLabel = "TIME",
            converter = DurationOption.class,
            description =
                    "How long to try to reach a server that is gone while its task is waited for, for instance 30s, or 0s to"
                            + " give up at once; for ever if not given.")
    private @Nullable Duration giveUp;

    @Option(
            names = "--json",
            description =
                    "Print the task as JSON, as the HTTP API has it, with its result or its error, instead of the result"
                            + " alone.")
    private boolean json;

    boolean isJson() {
        return json;
    }

    ClientOptions ofClient() {
        return ClientOptions.DEFAULT.withReconnectFor(giveUp == null ? FOR_EVER : giveUp);
    }
}
