package io.divvy.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How the commands that list something show it. */
final class ListOptions {
    private static final long WATCH_INTERVAL_MS = 2_000;
    /** Of a task's id: the random part. What is before it is time, which all tasks of a day share. */
    private static final int SHORT_ID_CHARS = 8;

    private record Unit(String name, long seconds) {}

    private static final List<Unit> UNITS = List.of(new Unit("d", 86_400), new Unit("h", 3_600), new Unit("m", 60));

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--full", description = "Whole ids, and points in time instead of ages.")
    private boolean full;

    @Option(names = "--watch", description = "Show it again every two seconds, until Ctrl-C.")
    private boolean watch;

    boolean isJson() {
        return json.json;
    }

    boolean isFull() {
        return full;
    }

    /** Prints what a command shows at this time. */
    interface Shown {
        void printTo(PrintStream out) throws Exception;
    }

    /** Shows it once, or until this process is told to end, through outages of the server. */
    void show(Shown shown) throws Exception {
        if (!watch) {
            shown.printTo(System.out);
            return;
        }
        String first = text(shown); // That there is no server now is no outage.
        Screen screen = isJson() ? Screen.onPaper() : Screen.ofStdout();
        Signals.at(Signals.INTERRUPT, ListOptions::stopWatching);
        screen.show(first);
        while (!System.out.checkError()) {
            Thread.sleep(WATCH_INTERVAL_MS);
            try {
                screen.show(text(shown));
            } catch (Exception e) {
                if (ErrorReport.exitCode(e) != ExitCode.NO_SERVER) {
                    throw e;
                }
                screen.interrupt("divvy: " + e.getMessage() + "; trying again");
            }
        }
    }

    /** Nothing is waited for. */
    private static void stopWatching() {
        System.err.println("divvy: stopped watching; nothing else was stopped");
        Shutdown.exit(ExitCode.INTERRUPTED);
    }

    /** As wide as the terminal that it goes to; into files and pipes as wide as it is. */
    static void print(TextTable table, PrintStream out) {
        if (Terminal.isAnyTerminal(Terminal.STDOUT)) {
            table.printWithin(Terminal.size().columns(), out);
        } else {
            table.print(out);
        }
    }

    /** Says something beside the list, which is not in the way of who reads that. */
    void note(PrintStream out, String note) {
        (watch && !isJson() ? out : System.err).println("divvy: " + note);
    }

    private static String text(Shown shown) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
            shown.printTo(out);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    String id(String taskId) {
        return full || taskId.length() <= SHORT_ID_CHARS ? taskId : taskId.substring(taskId.length() - SHORT_ID_CHARS);
    }

    /** How long ago that was: {@code 3m}. */
    String age(String timestamp) {
        return full ? timestamp : age(Duration.between(Instant.parse(timestamp), Instant.now()));
    }

    /** In the largest unit of which it has two or more, so that it is never wrong by more than a half. */
    static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds()); // The clocks of two machines differ.
        for (Unit unit : UNITS) {
            if (seconds >= 2 * unit.seconds) {
                return seconds / unit.seconds + unit.name;
            }
        }
        return seconds + "s";
    }
}
