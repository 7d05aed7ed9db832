package io.divvy.process;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.RunningProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The commands of the README and of the guides work as they stand there, one after the other: whoever pastes them gets what
 * the page says. Servers and workers run on beside those that follow; {@code <id>} is the task of the last submission.
 */
@DisabledOnOs(OS.WINDOWS)
class DocumentsIT {
    private static final Path EXECUTABLE =
            Path.of(System.getProperty("divvy.jar")).toAbsolutePath().resolveSibling("divvy");
    private static final Pattern BLOCK = Pattern.compile(
            "^```(?<language>\\w*)\\n(?<fenced>.*?)^```|(?<=\\n\\n)(?<indented>(?: {4,}[^\\n]*\\n)+)",
            Pattern.DOTALL | Pattern.MULTILINE);

    private static final Pattern RUNS_ON = Pattern.compile(
            "(?<program>target/divvy|java -cp \\S+ io\\.divvy\\.cli\\.Main) (?<role>server|worker)\\b.*");
    /** ClientDocumentsTest, TaskTypesPageTest, DocumentsTest, StrangersProjectIT and TranscriptsTest try these; a text is none. */
    private static final Set<String> LANGUAGES_OF_OTHER_TESTS = Set.of("java", "python", "xml", "recording", "text");
    /** What cannot be run here, by how it begins, and why. */
    private static final Map<String, String> NOT_RUN = Map.ofEntries(
            entry("mvn ", "it builds the project, and this test is a part of that"),
            entry("sudo ", "it wants to be root, and systemd; DebianPackageIT installs the package into a folder"),
            entry("podman ", "there is no runtime for containers; ContainerfileIT does what the image does"),
            entry("kill -9 $(pgrep", "others may have such processes here; WorkerProcessIT kills workers"),
            entry(
                    "target/divvy replay ",
                    "the recording ends with its server, which goes on here; RecordingIT replays"),
            entry("z = seed", "it is arithmetic; MonteCarloPiTest has it"),
            entry("target/divvy bench", "it measures, and the peers are not here; BenchIT runs it in short"),
            entry("apt-get ", "it wants to be root"),
            entry("redis-server ", "it is for a benchmark, and is not here"),
            entry("java -XX:StartFlightRecording", "it is for whoever profiles a benchmark"),
            entry("jfr print ", "it is about a file of such a server"),
            entry("{\"type\":\"letter_count\"", "it is a task and no command; DocumentsTest submits it"),
            entry("{\"type\":\"error\"", "it is a message; ProtocolPageTest has those"),
            entry("{\"code\":\"subtask_failed\"", "it is what a server says of a failed task, and no command"),
            entry("return (parts", "it is a part of a program; SumOfSquares has it"),
            entry("TaskTypeKit.of(", "it is a part of a program; TaskTypesPageTest has it"));

    /** What is there to be looked at for a while, and is to be over soon here. */
    private static final Map<String, String> SHORTENED = Map.of(
            " -p end=20000000000 ", " -p end=3000000 ",
            " -p end=40000000000 ", " -p end=40000000 ");

    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final Path TASK_TYPE_OF_THE_GUIDE = Path.of("src/test/java/io/divvy/task/example/VowelCount.java");
    private static final List<String> DOCUMENTS = List.of(
            "README.md",
            "src/docs/getting-started.md",
            "src/docs/installing.md",
            "src/docs/clients.md",
            "src/docs/http.md",
            "src/docs/task-types.md",
            "src/docs/operating.md",
            "src/docs/protocol.md",
            "src/docs/architecture.md",
            "src/docs/benchmarks.md");
    /** An answer that says that the request was refused fails a command, too. */
    private static final String STRICT_CURL = "curl() { command curl -fsS \"$@\"; }; ";

    /** For commands that are over soon. */
    private static String startFast = "";

    @TempDir
    static Path classes;

    @TempDir
    Path folder;

    private final List<RunningProcess> running = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private String httpAddress = "";
    private String tcpAddress = "";
    private String lastId = "";

    /** Classes that are loaded and checked once save the many short processes almost half of their time. */
    @BeforeAll
    static void keepClasses() {
        Path archive = classes.resolve("divvy.jsa");
        String options = "-XX:TieredStopAtLevel=1 -Xlog:disable ";
        Map<String, String> keeping = Map.of("JDK_JAVA_OPTIONS", options + "-XX:ArchiveClassesAtExit=" + archive);
        List<String> asked = List.of(EXECUTABLE.toString(), "tasks", "--server", "http://127.0.0.1:1");
        try (RunningProcess first = RunningProcess.of(asked, keeping)) {
            first.awaitExit();
        }
        startFast = "export JDK_JAVA_OPTIONS='" + options + "-XX:SharedArchiveFile=" + archive + "'; ";
    }

    @AfterEach
    void stop() {
        for (int i = running.size() - 1; i >= 0; i--) {
            running.get(i).close();
        }
        running.clear();
    }

    @ParameterizedTest
    @FieldSource("DOCUMENTS")
    void commandsWorkAsTheyStandThere(Path document) throws IOException {
        Path bin = Path.of(System.getProperty("java.home"), "bin");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("PATH", bin + ":" + System.getenv("PATH"));
        environment.put("DIVVY_DATA", folder.resolve("divvy-data").toString());
        Files.copy(TASK_TYPE_OF_THE_GUIDE, folder.resolve(TASK_TYPE_OF_THE_GUIDE.getFileName()));
        List<String> blocks = blocks(document);
        assertFalse(blocks.isEmpty(), () -> document + " shows no command");
        List<String> toRun = blocks.stream().filter(DocumentsIT::isRun).toList();
        if (!toRun.isEmpty() && !isServer(toRun.get(0))) { // A page that goes on from another one.
            begin("target/divvy server");
            begin("target/divvy worker");
            runs("target/divvy submit sum_of_squares -p start=1 -p end=1000");
        }
        for (String block : toRun) {
            if (RUNS_ON.matcher(block).matches()) {
                begin(block);
            } else {
                runs(block);
            }
        }
    }

    @Test
    void whatIsNotRunIsThereToBeRun() throws IOException {
        Set<String> unused = new TreeSet<>(NOT_RUN.keySet());
        Set<String> unusedLengths = new TreeSet<>(SHORTENED.keySet());
        for (String document : DOCUMENTS) {
            for (String block : blocks(Path.of(document))) {
                unused.removeIf(block::startsWith);
                unusedLengths.removeIf(block::contains);
            }
        }
        assertEquals(Set.of(), unused);
        assertEquals(Set.of(), unusedLengths);
    }

    private static List<String> blocks(Path document) throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(document));
        while (block.find()) {
            if (block.group("indented") != null) {
                blocks.add(block.group("indented").strip());
            } else if (block.group("language").equals("sh")) {
                blocks.add(block.group("fenced").strip());
            } else {
                String language = block.group("language");
                assertTrue(
                        LANGUAGES_OF_OTHER_TESTS.contains(language),
                        () -> document + ": no test tries blocks of " + language);
            }
        }
        return blocks;
    }

    private static boolean isRun(String block) {
        return NOT_RUN.keySet().stream().noneMatch(block::startsWith);
    }

    private static boolean isServer(String block) {
        Matcher runsOn = RUNS_ON.matcher(block);
        return runsOn.matches() && runsOn.group("role").equals("server");
    }

    private RunningProcess start(String commands) {
        String here = commands.replace("target/divvy", EXECUTABLE.toString())
                .replace(" divvy.jar", " " + EXECUTABLE.resolveSibling("divvy.jar"))
                .replace("http://127.0.0.1:8080", httpAddress)
                .replaceAll("render-1(:5000)?", tcpAddress)
                .replace("<id>", lastId);
        RunningProcess process =
                RunningProcess.of(List.of("sh", "-c", "cd '" + folder + "' && " + STRICT_CURL + here), environment);
        running.add(process);
        return process;
    }

    private void begin(String command) {
        if (!isServer(command)) {
            start("exec " + command).awaitLine("connected to");
            return;
        }
        stop(); // One server has one data folder.
        Matcher addresses = start("exec " + command + " --port 0 --http-port 0")
                .awaitLine("listening on tcp://(127\\.0\\.0\\.1:\\d+) and (http://\\S+)");
        tcpAddress = addresses.group(1);
        environment.put("DIVVY_SERVER", tcpAddress);
        httpAddress = addresses.group(2);
    }

    private void runs(String commands) {
        String shorter = commands;
        for (Map.Entry<String, String> length : SHORTENED.entrySet()) {
            shorter = shorter.replace(length.getKey(), length.getValue());
        }
        RunningProcess process = start(startFast + shorter);
        assertEquals(0, process.awaitExit(), () -> commands + ": " + process);
        Matcher id = ID.matcher(String.join("\n", process.stdout()) + String.join("\n", process.stderr()));
        if (id.find()) {
            lastId = id.group();
        }
    }
}
