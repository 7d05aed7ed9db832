package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.protocol.ErrorCode;
import io.divvy.store.StoreOpenException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What scripts are told: {@link ExitCodeTest} has the table. */
class ErrorReportTest {
    private static int exitCode(Exception failure, StringWriter said) {
        return exitCode(failure, said, Map.of());
    }

    private static int exitCode(Exception failure, StringWriter said, Map<String, String> variables) {
        CommandLine commandLine = new CommandLine(CommandSpec.create()).setErr(new PrintWriter(said, true));
        return new ErrorReport(new EnvironmentDefaults(variables)).handleExecutionException(failure, commandLine, null);
    }

    /** Those that are not here are 5: what was asked for makes sense, and is not done. */
    private static final Map<ErrorCode, Integer> OTHERS = Map.of(
            ErrorCode.BAD_MESSAGE, 2,
            ErrorCode.INVALID_TASK, 2,
            ErrorCode.UNKNOWN_TASK_TYPE, 2,
            ErrorCode.BUSY, 3,
            ErrorCode.INTERNAL, 3,
            ErrorCode.NOT_FOUND, 4);

    @ParameterizedTest
    @EnumSource
    void refusalsOfTheServerBecomeExitCodes(ErrorCode code) {
        StringWriter said = new StringWriter();
        assertEquals(
                OTHERS.getOrDefault(code, 5),
                exitCode(new RequestRefusedException(code.wireName(), "that is why"), said));
        assertEquals("divvy: that is why", said.toString().strip());
    }

    @Test
    void aServerThatIsCalledByAnotherNameRefuses() {
        assertEquals(
                5, exitCode(RequestRefusedException.ofStatus(421, "bad_message", "no name of it"), new StringWriter()));
    }

    @ParameterizedTest
    @CsvSource({"LOCKED, 3", "NEWER_SCHEMA, 6", "DAMAGED, 6", "UNREACHABLE, 6"})
    void dataThatCannotBeHadIsALocalFileUnlessItIsAnotherServers(StoreOpenException.Reason reason, int expected)
            throws Exception {
        assertEquals(expected, exitCode(new StoreOpenException(reason, "that is why", null), new StringWriter()));
    }

    @ParameterizedTest
    @CsvSource({"3, no server", "130, interrupted"})
    void localFailuresBecomeExitCodes(int expected, String message) {
        Exception failure = expected == 130 ? new InterruptedException(message) : new IOException(message);
        assertEquals(expected, exitCode(failure, new StringWriter()));
    }

    @Test
    void aFaultOfThisProgramIsOneLineAndNoFailureOfATask() {
        StringWriter said = new StringWriter();
        assertEquals(70, exitCode(new IllegalStateException("two\nlines"), said, Map.of("DIVVY_STACK_TRACE", "")));
        assertEquals(
                List.of("divvy: a fault of Divvy itself, please report it: java.lang.IllegalStateException: two?lines;"
                        + " set DIVVY_STACK_TRACE=1 to see where it happened"),
                said.toString().lines().toList());
    }

    @Test
    void itsStackTraceIsShownToWhoAsksForIt() {
        StringWriter said = new StringWriter();
        assertEquals(70, exitCode(new IllegalStateException("odd"), said, Map.of("DIVVY_STACK_TRACE", "1")));
        assertTrue(said.toString().contains("at io.divvy.cli.ErrorReportTest."), said::toString);
    }
}
