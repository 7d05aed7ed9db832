package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What scripts are told: the README lists the exit codes. */
class ErrorReportTest {
    private static int exitCode(Exception failure, StringWriter said) throws Exception {
        CommandLine commandLine = new CommandLine(CommandSpec.create()).setErr(new PrintWriter(said, true));
        return new ErrorReport(new EnvironmentDefaults(Map.of())).handleExecutionException(failure, commandLine, null);
    }

    @ParameterizedTest
    @CsvSource({
        "bad_message, 2",
        "not_found, 4",
        "conflict, 5",
        "invalid_task, 5",
        "unknown_task_type, 5",
        "limit_exceeded, 5",
        "busy, 3",
        "internal, 3"
    })
    void refusalsOfTheServerBecomeExitCodes(String code, int expected) throws Exception {
        StringWriter said = new StringWriter();
        assertEquals(expected, exitCode(new RequestRefusedException(code, "that is why"), said));
        assertEquals("divvy: that is why", said.toString().strip());
    }

    @ParameterizedTest
    @CsvSource({"3, no server", "130, interrupted"})
    void localFailuresBecomeExitCodes(int expected, String message) throws Exception {
        Exception failure = expected == 130 ? new InterruptedException(message) : new IOException(message);
        assertEquals(expected, exitCode(failure, new StringWriter()));
    }
}
