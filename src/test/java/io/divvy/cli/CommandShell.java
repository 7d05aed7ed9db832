package io.divvy.cli;

import static org.awaitility.Awaitility.await;

import io.divvy.cli.CommandTranscript.Kind;
import io.divvy.cli.CommandTranscript.Step;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.TemporaryFolders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs the commands of one transcript, one after the other, in a folder of its own. A {@code divvy} that needs no shell runs in
 * this process, which saves most of a second each time; its files and pipes are real ones.
 */
final class CommandShell implements AutoCloseable {
    private static final long PATIENCE_S = Long.getLong("patience", 60);
    private static final Pattern CAPTURE = Pattern.compile("([A-Z][A-Z_]*)=\\$\\((.*)\\)", Pattern.DOTALL);
    /** What would be taken for something else than a line of an output. */
    private static final Pattern TO_ESCAPE = Pattern.compile("([#\\\\].*|[$%&!] .*|\\[\\d+]|\\^C)", Pattern.DOTALL);

    private final Map<String, String> variables = new LinkedHashMap<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Path folder;
    private RunningProcess background;
    private int told;

    /**
     * @param bin a folder with {@code divvy}
     * @param known variables that commands can use
     */
    CommandShell(Path bin, Map<String, String> known) throws IOException {
        folder = Files.createTempDirectory("divvy-commands").toRealPath();
        variables.putAll(known);
        variables.put("TMP", folder.toString());
        environment.put("DIVVY_SERVER", known.get("SERVER"));
        environment.put("DIVVY_DATA", folder.resolve("data").toString());
        environment.put("PATH", bin + ":" + System.getenv("PATH"));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("TERM", "xterm");
        environment.put("LC_ALL", "C.UTF-8");
    }

    /** What a person sees of it, as a transcript has it. */
    List<String> run(Step step) throws IOException, InterruptedException {
        String command = step.typed().command();
        if (step.kind() == Kind.BACKGROUND) {
            return begin(command, step.expected());
        }
        if (step.kind() == Kind.TERMINAL) {
            TerminalSession session = TerminalSession.start(command, all(), folder);
            return session.finish(step.expected(), line -> escaped(named(line)));
        }
        if (command.equals("wait")) {
            return end();
        }
        Matcher capture = CAPTURE.matcher(command);
        if (!capture.matches()) {
            return shown(run(command));
        }
        Ran ran = run(capture.group(2));
        variables.put(capture.group(1), ran.out.strip());
        return shown(new Ran("", ran.err, ran.exitCode));
    }

    private record Ran(String out, String err, int exitCode) {}

    private Ran run(String command) throws IOException, InterruptedException {
        CommandWords words = CommandWords.parse(command, variables);
        return words == null ? inShell(command) : here(words);
    }

    private Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>(variables);
        all.putAll(environment);
        return all;
    }

    private Process shell(String command, Path out, Path err) throws IOException {
        ProcessBuilder shell = new ProcessBuilder("bash", "-c", "set -o pipefail; " + command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        shell.environment().keySet().removeIf(name -> name.startsWith("DIVVY_"));
        shell.environment().putAll(all());
        return shell.start();
    }

    private static int exitCode(Process process) throws InterruptedException {
        if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError("it did not end within " + PATIENCE_S + " s");
        }
        return process.exitValue();
    }

    private Ran inShell(String command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, ".out", "");
        Path err = Files.createTempFile(folder, ".err", "");
        Process process = shell(command, out, err);
        process.getOutputStream().close();
        int exitCode = exitCode(process);
        return new Ran(read(out), read(err), exitCode);
    }

    private static String read(Path file) throws IOException {
        String text = Files.readString(file);
        Files.delete(file);
        return text;
    }

    private Ran here(CommandWords words) throws IOException, InterruptedException {
        byte[] input = words.producer.isEmpty()
                ? words.files.containsKey("<") ? Files.readAllBytes(Path.of(words.files.get("<"))) : new byte[0]
                : inShell(words.producer).out.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String read = "";
        int exitCode;
        if (words.consumer.isEmpty()) {
            exitCode = here(words, input, words.files.containsKey(">") ? file(words, ">") : out, err);
        } else {
            Path consumed = Files.createTempFile(folder, ".out", "");
            Path consumerErr = Files.createTempFile(folder, ".err", "");
            Process consumer = shell(words.consumer, consumed, consumerErr);
            exitCode = here(words, input, consumer.getOutputStream(), err);
            exitCode(consumer);
            read = read(consumed);
            err.writeBytes(read(consumerErr).getBytes(StandardCharsets.UTF_8));
        }
        return new Ran(read + out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8), exitCode);
    }

    private static OutputStream file(CommandWords words, String operator) throws IOException {
        return Files.newOutputStream(Path.of(words.files.get(operator)));
    }

    private int here(CommandWords words, byte[] input, OutputStream out, OutputStream err) throws IOException {
        Map<String, String> all = all();
        all.putAll(words.variables);
        InputStream usualIn = System.in;
        PrintStream usualOut = System.out;
        PrintStream usualErr = System.err;
        System.setIn(new ByteArrayInputStream(input));
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(
                new PrintStream(words.files.containsKey("2>") ? file(words, "2>") : err, true, StandardCharsets.UTF_8));
        try {
            return execute(all, words.arguments.toArray(new String[0]));
        } finally {
            System.out.close();
            System.setIn(usualIn);
            System.setOut(usualOut);
            System.setErr(usualErr);
        }
    }

    /** What runs for ever, contrary to what the transcript says, is left behind. */
    private static int execute(Map<String, String> all, String... arguments) {
        CompletableFuture<Integer> exitCode = new CompletableFuture<>();
        Thread thread = new Thread(() -> exitCode.complete(Main.execute(all, arguments)), "divvy-command");
        thread.setDaemon(true);
        thread.start();
        try {
            return exitCode.get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            thread.interrupt();
            throw new AssertionError("it did not end within " + PATIENCE_S + " s", e);
        }
    }

    private List<String> begin(String command, List<String> awaited) {
        if (background != null) {
            background.close();
        }
        background = RunningProcess.of(
                List.of("bash", "-c", "cd " + folder + " && exec " + CommandWords.expanded(command, variables)), all());
        variables.put("PID", Long.toString(background.pid()));
        told = awaited.size();
        await("what " + command + " says at first")
                .atMost(PATIENCE_S, TimeUnit.SECONDS)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> !background.isAlive() || CommandPlaceholders.matches(awaited, begun()));
        return begun();
    }

    private List<String> begun() {
        List<String> all = backgroundOutput();
        return all.subList(0, Math.min(all.size(), told));
    }

    private List<String> backgroundOutput() {
        List<String> all = new ArrayList<>();
        background.stdout().forEach(line -> all.add(escaped(named(line))));
        background.stderr().forEach(line -> all.add("! " + named(line)));
        return all;
    }

    private List<String> end() {
        int exitCode = background.awaitExit();
        List<String> rest = new ArrayList<>(backgroundOutput());
        rest = new ArrayList<>(rest.subList(Math.min(told, rest.size()), rest.size()));
        if (exitCode != 0) {
            rest.add("[" + exitCode + "]");
        }
        return rest;
    }

    private List<String> shown(Ran ran) {
        List<String> shown = new ArrayList<>();
        named(ran.out).lines().forEach(line -> shown.add(escaped(line)));
        named(ran.err).lines().forEach(line -> shown.add("! " + line));
        if (ran.exitCode != 0) {
            shown.add("[" + ran.exitCode + "]");
        }
        return shown;
    }

    private static String escaped(String line) {
        return TO_ESCAPE.matcher(line).matches() ? "\\" + line : line;
    }

    /** With the names of variables in the place of their values. */
    private String named(String text) {
        String named = text;
        List<Map.Entry<String, String>> longestFirst = new ArrayList<>(variables.entrySet());
        longestFirst.sort(
                (a, b) -> Integer.compare(b.getValue().length(), a.getValue().length()));
        for (Map.Entry<String, String> variable : longestFirst) {
            String value = variable.getValue();
            named = replaced(named, value, "$" + variable.getKey());
            if (value.matches("[0-9a-f-]{36}")) {
                named = replaced(named, value.substring(28), "${" + variable.getKey() + ": -8}");
            }
        }
        return named;
    }

    private static String replaced(String text, String value, String name) {
        return value.isBlank()
                ? text
                : text.replaceAll("(?<![\\w-])" + Pattern.quote(value) + "(?![\\w-])", Matcher.quoteReplacement(name));
    }

    @Override
    public void close() {
        if (background != null) {
            background.close();
        }
        TemporaryFolders.delete(folder);
    }
}
