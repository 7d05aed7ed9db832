package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Which variables of the environment stand for which options. */
class EnvironmentDefaultsTest {
    private static String value(String command, String option, String variable, String value) {
        OptionSpec spec = new CommandLine(new Main())
                .getSubcommands()
                .get(command)
                .getCommandSpec()
                .findOption(option);
        return new EnvironmentDefaults(Map.of(variable, value)).defaultValue(spec);
    }

    @ParameterizedTest
    @CsvSource({
        "server, --port, DIVVY_PORT, 5001",
        "worker, --slots, DIVVY_SLOTS, 4",
        "worker, --name, DIVVY_NAME, render-7",
        "submit, --server, DIVVY_SERVER, render-7",
        "tasks, --server, DIVVY_SERVER, render-7",
        "backup, --data, DIVVY_DATA, /var/lib/divvy"
    })
    void configurationComesFromTheEnvironment(String command, String option, String variable, String value) {
        assertEquals(value, value(command, option, variable, value));
    }

    @ParameterizedTest
    @CsvSource({
        "server, --port, DIVVY_PORT, ''",
        "server, --port, DIVVY_PORT, ' '",
        "server, --port, DIVVY_PORT, tcp://10.0.0.7:5000",
        "server, --http-port, DIVVY_HTTP_PORT, tcp://10.0.0.7:8080",
        "server, --port, DIVVY_PORT, sctp://10.0.0.7:5000",
        "worker, --name, DIVVY_NAME, /web/divvy",
        "server, --fail-stranded, DIVVY_FAIL_STRANDED, true",
        "submit, --detach, DIVVY_DETACH, true",
        "submit, --name, DIVVY_NAME, render",
        "bench, --server, DIVVY_SERVER, render-7"
    })
    void neitherAnEmptyVariableNorOneOfAPlatformNorWhatIsToBeDoneOnce(
            String command, String option, String variable, String value) {
        assertNull(value(command, option, variable, value));
    }

    @Test
    void anEmptyVariableIsNotSet() {
        assertTrue(new EnvironmentDefaults(Map.of("NO_COLOR", "1")).isSet("NO_COLOR"));
        assertFalse(new EnvironmentDefaults(Map.of("NO_COLOR", "")).isSet("NO_COLOR"));
        assertFalse(new EnvironmentDefaults(Map.of()).isSet("NO_COLOR"));
    }
}
