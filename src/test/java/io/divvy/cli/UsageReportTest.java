package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What is said of a command line, or an environment, that makes no sense. */
class UsageReportTest {
    private static String said(Map<String, String> variables, String... arguments) {
        EnvironmentDefaults environment = new EnvironmentDefaults(variables);
        StringWriter said = new StringWriter();
        int code = new CommandLine(new Main())
                .setDefaultValueProvider(environment)
                .setParameterExceptionHandler(new UsageReport(environment))
                .setErr(new PrintWriter(said, true))
                .execute(arguments);
        assertEquals(ExitCode.WRONG_USAGE, code);
        return said.toString().strip();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "subnit x | there is no command \"subnit\"; did you mean submit?; see \"divvy --help\"",
                "status | ID: expected, but not given; see \"divvy status --help\"",
                "status a b | there is no argument \"b\" here; see \"divvy status --help\"",
                "submit --label a x | --label: expected NAME=VALUE, got \"a\"",
                "cancel --all | there is no option \"--all\"; see \"divvy cancel --help\"",
                "status --serv here a | there is no option \"--serv\"; did you mean --server?; see \"divvy status --help\"",
                "cancel a 127.0.0.1:1 | ID: expected the id of a task, as \"divvy submit\" and \"divvy tasks\" print it,"
                        + " got \"127.0.0.1:1\"",
                "bench --http http://[ | --http: expected a URL, got \"http://[\"",
                "tasks --server http://h:99999 | --server: expected HOST, HOST:PORT or the URL of a server's HTTP API, for"
                        + " instance 127.0.0.1:5000, got \"http://h:99999\"",
                "server --port x | --port: expected a whole number, got \"x\"",
                "server --retain soon | --retain: expected a number with s, m, h or d behind it, for instance 90s, 15m, 12h"
                        + " or 7d, got \"soon\"",
            })
    void oneLineSaysWhatWhereAndWhatToDo(String line, String expected) {
        assertEquals("divvy: " + expected, said(Map.of(), line.split(" ")));
    }

    @Test
    void anOptionThatIsUnknownIsNamedBesideOnesLikeIt() {
        String said = said(Map.of(), "server", "--retain-task", "1");
        assertTrue(said.startsWith("divvy: there is no option \"--retain-task\"; did you mean --retain"), said);
    }

    @Test
    void anEmptyIdIsNoId() {
        assertEquals(
                "divvy: ID: expected the id of a task, as \"divvy submit\" and \"divvy tasks\" print it, got \"\"",
                said(Map.of(), "wait", ""));
    }

    @Test
    void aValueFromTheEnvironmentIsBlamedOnItsVariable() {
        assertEquals(
                "divvy: environment variable DIVVY_PORT: expected a whole number, got \"five\"",
                said(Map.of("DIVVY_PORT", "five"), "server"));
    }
}
