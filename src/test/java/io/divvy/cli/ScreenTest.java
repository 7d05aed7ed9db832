package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ScreenTest {
    private static final String TABLE = "ID  NAME\n1   ann\n2   bob\n";

    private static String seen(int rows, int columns) {
        return Screen.picture(TABLE, new Screen.Size(rows, columns))
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
}
