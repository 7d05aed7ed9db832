package io.divvy.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.RunningProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The first thing that a newcomer runs. */
class DemoIT {
    @Test
    void theDemoKillsAWorkerAndIsRightAllTheSame() throws IOException {
        Path executable =
                Path.of(System.getProperty("divvy.jar")).toAbsolutePath().resolveSibling("divvy");
        try (RunningProcess demo = RunningProcess.of(
                List.of(executable.toString(), "demo"), Map.of("JAVA_HOME", System.getProperty("java.home")))) {
            assertEquals(0, demo.awaitExit(), demo::toString);
            String output = String.join("\n", demo.stdout());
            assertTrue(output.contains("result   333333833333500000 "), output);
            assertTrue(output.contains("bob was killed (SIGKILL)"), output);
            assertTrue(output.contains("result   21333333341333333334000000000 "), output);
            assertTrue(output.contains("400 of 400 subtasks done"), output);
            Set<String> missing = shapes(demo.stdout());
            missing.removeAll(shapes(picture()));
            assertEquals(Set.of(), missing, "src/docs/demo.svg does not show it: -Ddemo.picture=write makes it anew");
            Matcher pid = Pattern.compile("pid (\\d+)").matcher(output);
            for (int processes = 0; processes < 3; processes++) {
                assertTrue(pid.find(), output);
                assertFalse(
                        ProcessHandle.of(Long.parseLong(pid.group(1)))
                                .map(ProcessHandle::isAlive)
                                .orElse(false),
                        "a process is left: " + pid.group());
            }
        }
    }

    /** The lines but for what differs from run to run. */
    private static Set<String> shapes(List<String> lines) {
        return lines.stream()
                .map(line -> line.replaceAll("[0-9][0-9.,]*", "<n>").strip())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What is left in the end on the picture in the README. */
    private static List<String> picture() throws IOException {
        String shown = Files.readString(Path.of("src/docs/demo.svg"));
        assertTrue(shown.contains("400 of 400 subtasks, 100 %"), "its progress comes to its end");
        return Stream.concat(
                        Stream.of(""),
                        shown.lines()
                                .filter(line -> line.contains("class=\"line\""))
                                .map(line -> line.replaceAll("<[^>]*>", "")))
                .toList();
    }

    @Test
    void ctrlCInTheMiddleOfTheDemoLeavesNoProcess() {
        try (RunningProcess demo = RunningProcess.divvy("demo")) {
            demo.awaitLine("task .* 4,000,000,000");
            Matcher server = demo.awaitLine("server +pid (\\d+)");
            demo.terminate();
            demo.awaitExit();
            assertFalse(isAlive(server));
        }
    }

    @Test
    void aDemoThatIsKilledLeavesNoProcess() {
        try (RunningProcess demo = RunningProcess.divvy("demo")) {
            Matcher server = demo.awaitLine("server +pid (\\d+)");
            Matcher alice = demo.awaitLine("alice \\(pid (\\d+)\\)");
            demo.kill();
            await().until(() -> !isAlive(server) && !isAlive(alice));
        }
    }

    @Test
    void aDemoThatIsToldToStopWhileItStartsSaysThatItDoes() {
        try (RunningProcess demo = RunningProcess.divvy("demo")) {
            demo.awaitLine("server +pid (\\d+)");
            demo.terminate();
            demo.awaitExit();
            assertEquals(
                    List.of("divvy: stopping the server and the workers, which takes some seconds at most; Ctrl-C again"
                            + " ends it at once"),
                    demo.stderr());
        }
    }

    private static boolean isAlive(Matcher pid) {
        return ProcessHandle.of(Long.parseLong(pid.group(1)))
                .map(ProcessHandle::isAlive)
                .orElse(false);
    }
}
