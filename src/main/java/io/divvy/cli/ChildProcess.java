package io.divvy.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Another process of this same program. What it says is watched, and kept for when something goes wrong. */
final class ChildProcess {
    private static final int KEPT_LINES = 50;
    private static final long START_TIMEOUT_MS = 20_000;
    private static final long STOP_TIMEOUT_MS = 5_000;

    private final String name;
    private final Process process;
    private final CompletableFuture<Matcher> announced = new CompletableFuture<>();
    private final Deque<String> lastLines = new ArrayDeque<>();

    /**
     * Starts {@code divvy} with these arguments.
     *
     * @param heap the most that it takes, as Java writes it
     * @param announcement what it prints once it is ready
     */
    ChildProcess(String name, String heap, Pattern announcement, String... arguments) throws IOException {
        this.name = name;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                // The pipe to it stays open as long as this process lives, however it ends.
                "-D" + Shutdown.WITH_INPUT + "=true",
                "-cp",
                programPath(),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        this.process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread reader = new Thread(() -> read(announcement), "divvy-child-" + name);
        reader.setDaemon(true);
        reader.start();
    }

    /** The file that this runs from, a jar; the whole class path where it runs from folders, as in an IDE. */
    private static String programPath() {
        try {
            Path source = Path.of(Main.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return Files.isRegularFile(source) ? source.toString() : System.getProperty("java.class.path");
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the place that this program runs from is no path", e);
        }
    }

    private void read(Pattern announcement) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                keep(line);
                Matcher matcher = announcement.matcher(line);
                if (matcher.find()) {
                    announced.complete(matcher);
                }
            }
            announced.completeExceptionally(new IOException(name + " ended before it was ready:\n" + output()));
        } catch (IOException e) {
            announced.completeExceptionally(e);
        }
    }

    private void keep(String line) {
        synchronized (lastLines) {
            lastLines.add(line);
            if (lastLines.size() > KEPT_LINES) {
                lastLines.remove();
            }
        }
    }

    /** The last that it printed. */
    String output() {
        synchronized (lastLines) {
            return String.join("\n", lastLines);
        }
    }

    /** Waits until it has said that it is ready. */
    Matcher awaitAnnouncement() throws IOException, InterruptedException {
        try {
            return announced.get(START_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new IOException(name + " was not ready within " + START_TIMEOUT_MS + " ms:\n" + output(), e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL: it cannot say goodbye. */
    void kill() {
        process.destroyForcibly();
    }

    /** SIGTERM, and SIGKILL if that does not help. */
    void stop() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
