package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatusLineTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream terminal = new PrintStream(written, true, StandardCharsets.UTF_8);
    private PrintStream usual;

    @BeforeEach
    void openTerminal() {
        usual = System.err;
        System.setErr(terminal);
    }

    @AfterEach
    void closeTerminal() {
        System.setErr(usual);
    }

    private List<String> seen() {
        // As a terminal's driver does it.
        return TerminalPicture.of(written.toString(StandardCharsets.UTF_8).replace("\n", "\r\n"));
    }

    @Test
    void whatIsSaidStandsAboveTheLine() {
        try (StatusLine line = new StatusLine(terminal)) {
            line.show("1 of 9 done");
            System.err.println("a worker joined");
            System.err.print("half of ");
            assertEquals(List.of("a worker joined", "1 of 9 done"), seen());
            System.err.println("a line");
            line.show("9 of 9");
            assertEquals(List.of("a worker joined", "half of a line", "9 of 9"), seen());
        }
    }

    @Test
    void whatComesLaterStandsBelow() {
        StatusLine line = new StatusLine(terminal);
        line.show("9 of 9 done");
        line.close();
        assertSame(terminal, System.err);
        line.show("too late");
        System.err.println("285");
        assertEquals(List.of("9 of 9 done", "285"), seen());
    }

    @Test
    void aLineThatWasNeverShownLeavesNothing() {
        new StatusLine(terminal).close();
        System.err.println("285");
        assertEquals(List.of("285"), seen());
    }
}
