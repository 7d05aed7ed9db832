package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
    private static List<String> printed(TextTable table) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        table.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void columnsLineUpAndNumbersStandToTheRight() {
        TextTable table = new TextTable("NAME", "DONE", "LABELS");
        table.add("a", "7", "team=a");
        table.add("longer", "1000", "");
        assertEquals(List.of("NAME    DONE  LABELS", "a          7  team=a", "longer  1000  -"), printed(table));
    }

    @Test
    void anIdStandsToTheLeftAlsoIfItHasNoLetters() {
        TextTable table = new TextTable("ID", "DONE");
        table.add("01234567", "12345678");
        assertEquals(List.of("ID            DONE", "01234567  12345678"), printed(table));
    }

    @Test
    void headingsStandAloneWhereThereAreNoRows() {
        assertEquals(List.of("ID  NAME"), printed(new TextTable("ID", "NAME")));
    }

    @Test
    void aNameCannotMoveTheCursor() {
        TextTable table = new TextTable("NAME");
        table.add("red\u001b[31m\nsecond line");
        assertEquals(List.of("NAME", "red?[31m?second line"), printed(table));
    }

    private static List<String> within(int width, TextTable table) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        table.printWithin(width, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void whatDoesNotFitIsCutAtTheRight() {
        TextTable table = new TextTable("NAME", "DONE", "LABELS");
        table.add("ann", "7", "team=a,of=red");
        table.add("bob", "8", "of=b");
        assertEquals(List.of("NAME  DONE  LABELS", "ann      7  team=a,of=red", "bob      8  of=b"), within(25, table));
        assertEquals(List.of("NAME  DONE  LABELS", "ann      7  team=a,of…", "bob      8  of=b"), within(22, table));
        assertEquals(List.of("NAME  DONE  …", "ann      7  …", "bob      8  …"), within(18, table));
        assertEquals(List.of("NAME…", "ann …", "bob …"), within(5, table));
    }

    @Test
    void aColumnThatSaysNothingIsLeftOutWhereThereIsLittleRoom() {
        TextTable table = new TextTable("NAME", "ALIAS", "DONE");
        assertEquals(List.of("NAME  ALIAS  DONE"), within(80, table));
        table.add("ann", "", "7");
        table.add("bob", "", "8");
        assertEquals(List.of("NAME  DONE", "ann      7", "bob      8"), within(80, table));
    }
}
