package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScreenTest {
    private static final String TABLE = "ID  NAME\n1   ann\n2   bob\n";

    private static String seen(int rows, int columns) {
        return Screen.picture(TABLE, new Terminal.Size(rows, columns))
                .replace("\u001b[H", "<top>")
                .replace("\u001b[K", "<end of line>")
                .replace("\u001b[J", "<end>");
    }

    @Test
    void whatWasThereBeforeIsPaintedOver() {
        assertEquals("<top>ID  NAME<end of line>\n1   ann<end of line>\n2   bob<end of line>\n<end>", seen(24, 80));
    }

    @Test
    void whatDoesNotFitIsLeftOut() {
        assertEquals("<top>ID  <end of line>\n1   <end of line>\n<end>", seen(3, 4));
        assertEquals("<top>I<end of line>\n<end>", seen(1, 1));
    }

    @Test
    void anOutageIsToldOnceOnPaper() {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        PrintStream usual = System.err;
        System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
        try {
            Screen paper = Screen.onPaper();
            paper.interrupt("away");
            paper.interrupt("away");
            paper.show("");
            paper.interrupt("away again");
        } finally {
            System.setErr(usual);
        }
        assertEquals(
                List.of("away", "away again"),
                told.toString(StandardCharsets.UTF_8).lines().toList());
    }
}
