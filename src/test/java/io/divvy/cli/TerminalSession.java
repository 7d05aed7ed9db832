package io.divvy.cli;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A command in a terminal of 80 columns and 24 rows, which {@code script} makes. */
final class TerminalSession {
    private static final String INTERRUPT = "^C";
    private static final String DEFAULT_INTERRUPT = "--default-signal=INT";
    private static final byte CTRL_C = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process script;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final Thread reader;

    private TerminalSession(Process script) {
        this.script = script;
        this.reader = new Thread(this::read);
        reader.setDaemon(true);
        reader.start();
    }

    static boolean isPossible() {
        try {
            Process version = new ProcessBuilder("script", "--version")
                    .redirectErrorStream(true)
                    .start();
            version.getOutputStream().close();
            return new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8).contains("util-linux");
        } catch (IOException e) {
            return false;
        }
    }

    /** Of coreutils since 8.31. */
    private static boolean canRestoreSignals() throws IOException {
        Process env = new ProcessBuilder("env", DEFAULT_INTERRUPT, "true").start();
        try {
            return env.waitFor() == 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    static TerminalSession start(String command, Map<String, String> environment, Path folder) throws IOException {
        List<String> line = new ArrayList<>();
        if (canRestoreSignals()) {
            // Who is started in the background of a script ignores Ctrl-C, and so does all that it starts.
            line.addAll(List.of("env", DEFAULT_INTERRUPT));
        }
        // What is typed is not shown, so that the output alone is.
        line.addAll(List.of("script", "-qec", "stty -echo cols 80 rows 24; " + command, "/dev/null"));
        ProcessBuilder builder =
                new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("DIVVY_"));
        builder.environment().putAll(environment);
        builder.environment().put("SHELL", "/bin/bash");
        return new TerminalSession(builder.start());
    }

    private void read() {
        byte[] bytes = new byte[1 << 12];
        try (InputStream in = script.getInputStream()) {
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                synchronized (output) {
                    output.write(bytes, 0, n);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> lines(UnaryOperator<String> named) {
        synchronized (output) {
            return TerminalPicture.of(output.toString(StandardCharsets.UTF_8)).stream()
                    .map(named)
                    .toList();
        }
    }

    /** Types what the transcript says, once what stands before it is there. */
    List<String> finish(List<String> expected, UnaryOperator<String> named) throws IOException, InterruptedException {
        try {
            return finished(expected, named);
        } finally {
            script.descendants().forEach(ProcessHandle::destroyForcibly);
            script.destroyForcibly();
        }
    }

    private List<String> finished(List<String> expected, UnaryOperator<String> named)
            throws IOException, InterruptedException {
        List<Seen> typedAfter = new ArrayList<>();
        for (int i = 1; i < expected.size(); i++) {
            if (expected.get(i).equals(INTERRUPT)) {
                String before = expected.get(i - 1);
                await("a line like " + before)
                        .atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(10))
                        .until(() -> index(lines(named), before) >= 0 || !script.isAlive());
                List<String> now = lines(named);
                int row = index(now, before);
                typedAfter.add(new Seen(before, row, row < 0 ? before : now.get(row)));
                script.getOutputStream().write(CTRL_C);
                script.getOutputStream().flush();
            }
        }
        if (!script.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("it did not end; the terminal shows " + lines(named));
        }
        reader.join();
        List<String> shown = new ArrayList<>(lines(named));
        for (Seen seen : typedAfter) {
            int at = index(shown, seen.expected);
            if (at < 0 && seen.row >= 0) {
                // It changed since, in its place.
                at = Math.min(seen.row, shown.size());
                shown.add(at, seen.line);
            }
            shown.add(at < 0 ? shown.size() : at + 1, INTERRUPT);
        }
        if (script.exitValue() != 0) {
            shown.add("[" + script.exitValue() + "]");
        }
        return shown;
    }

    /**
     * What was there when something was typed.
     *
     * @param row less than 0 if it was not there
     */
    private record Seen(String expected, int row, String line) {}

    private static int index(List<String> lines, String expected) {
        for (int i = 0; i < lines.size(); i++) {
            if (CommandPlaceholders.matches(expected, lines.get(i))) {
                return i;
            }
        }
        return -1;
    }
}
