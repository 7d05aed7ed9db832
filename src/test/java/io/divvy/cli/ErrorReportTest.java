package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.protocol.ErrorCode;
import io.divvy.store.StoreOpenException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What scripts are told: {@link ExitCodeTest} has the table. */
class ErrorReportTest {
    private static int exitCode(Exception failure, StringWriter said) throws Exception {
        CommandLine commandLine = new CommandLine(CommandSpec.create()).setErr(new PrintWriter(said, true));
        return new ErrorReport(new EnvironmentDefaults(Map.of())).handleExecutionException(failure, commandLine, null);
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
    void refusalsOfTheServerBecomeExitCodes(ErrorCode code) throws Exception {
        StringWriter said = new StringWriter();
        assertEquals(
                OTHERS.getOrDefault(code, 5),
                exitCode(new RequestRefusedException(code.wireName(), "that is why"), said));
        assertEquals("divvy: that is why", said.toString().strip());
    }

    @Test
    void aServerThatIsCalledByAnotherNameRefuses() throws Exception {
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
    void localFailuresBecomeExitCodes(int expected, String message) throws Exception {
        Exception failure = expected == 130 ? new InterruptedException(message) : new IOException(message);
        assertEquals(expected, exitCode(failure, new StringWriter()));
    }
}
