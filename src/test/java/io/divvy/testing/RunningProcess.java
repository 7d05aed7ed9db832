package io.divvy.testing;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real process of a test, killed with it. Its output is kept, line by line. */
public final class RunningProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Most processes of tests live for a second or two, in which the second compiler costs more than it saves. */
    private static final List<String> START_FAST = List.of("-XX:TieredStopAtLevel=1");

    private final List<String> command;
    private final Process process;
    private final Path data;
    private final List<String> out = new ArrayList<>();
    private final List<String> err = new ArrayList<>();
    private final Thread outReader;
    private final Thread errReader;

    private RunningProcess(List<String> command, Map<String, String> environment) {
        this.command = command;
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().keySet().removeIf(name -> name.startsWith("DIVVY_"));
            // A server that is not told where, keeps its data where no other one does.
            data = Files.createTempDirectory("divvy-data");
            builder.environment().put("DIVVY_DATA", data.toString());
            builder.environment().putAll(environment);
            this.process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.outReader = reader(process.getInputStream(), out);
        this.errReader = reader(process.getErrorStream(), err);
    }

    /** The built jar with these arguments. */
    public static RunningProcess divvy(String... arguments) {
        return divvy(List.of(), Map.of(), arguments);
    }

    public static RunningProcess divvy(List<String> jvmFlags, Map<String, String> environment, String... arguments) {
        String jar = System.getProperty("divvy.jar");
        if (jar == null) {
            throw new IllegalStateException("the system property divvy.jar is not set; run this test with mvn verify");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(START_FAST);
        command.addAll(jvmFlags);
        command.add("-jar");
        command.add(jar);
        command.addAll(List.of(arguments));
        return new RunningProcess(command, environment);
    }

    public static RunningProcess of(List<String> command) {
        return of(command, Map.of());
    }

    /** @param environment what is added to that of this process, or takes the place of it */
    public static RunningProcess of(List<String> command, Map<String, String> environment) {
        return new RunningProcess(command, environment);
    }

    private static Thread reader(InputStream stream, List<String> lines) {
        Thread reader = new Thread(() -> {
            try (BufferedReader text = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = text.readLine(); line != null; line = text.readLine()) {
                    synchronized (lines) {
                        lines.add(line);
                    }
                }
            } catch (IOException e) {
                synchronized (lines) {
                    lines.add("(reading the output failed: " + e.getMessage() + ")");
                }
            }
        });
        reader.setDaemon(true);
        reader.start();
        return reader;
    }

    /** Waits until a line of stdout or stderr matches. */
    public Matcher awaitLine(String regex) {
        Pattern pattern = Pattern.compile(regex);
        return await("a line like " + regex + " of " + command)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> firstMatch(pattern), match -> match != null || ended(pattern));
    }

    private boolean ended(Pattern pattern) {
        if (process.isAlive() || firstMatch(pattern) != null) {
            return false;
        }
        throw new AssertionError(this + " ended without a line like " + pattern);
    }

    private Matcher firstMatch(Pattern pattern) {
        for (String line : lines()) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.find()) {
                return matcher;
            }
        }
        return null;
    }

    private List<String> lines() {
        List<String> all = new ArrayList<>(stdout());
        all.addAll(stderr());
        return all;
    }

    public List<String> stdout() {
        synchronized (out) {
            return List.copyOf(out);
        }
    }

    public List<String> stderr() {
        synchronized (err) {
            return List.copyOf(err);
        }
    }

    /** Waits for its end, and for all of its output. */
    public int awaitExit() {
        return awaitExit(PATIENCE);
    }

    /** The same of what takes long. */
    public int awaitExit(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(this + " did not end");
            }
            outReader.join();
            errReader.join();
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** It reads the end of its standard input. */
    public void closeInput() throws IOException {
        process.getOutputStream().close();
    }

    /** SIGKILL. */
    public void kill() {
        process.destroyForcibly();
    }

    /** SIGINT, as by Ctrl-C. */
    public void interrupt() {
        signal("INT");
    }

    /** SIGSTOP: it stands still until {@link #goOn}. */
    public void standStill() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void goOn() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int exitCode = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exitCode != 0) {
                throw new AssertionError("kill -" + name + " failed for " + this);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** SIGTERM. What it still says is read: {@link Process#destroy} would close its output. */
    public void terminate() {
        process.toHandle().destroy();
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        awaitEndOf(process);
        TemporaryFolders.delete(data);
    }

    private static void awaitEndOf(Process process) {
        try {
            process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return command + "\nstdout: " + String.join("\n", stdout()) + "\nstderr: " + String.join("\n", stderr());
    }
}
