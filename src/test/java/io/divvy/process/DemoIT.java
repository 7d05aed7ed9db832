package io.divvy.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.RunningProcess;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The first thing that a newcomer runs. */
class DemoIT {
    @Test
    void theDemoKillsAWorkerAndIsRightAllTheSame() {
        try (RunningProcess demo = RunningProcess.divvy("demo")) {
            assertEquals(0, demo.awaitExit(), demo::toString);
            String output = String.join("\n", demo.stdout());
            assertTrue(output.contains("answer   333333833333500000 "), output);
            assertTrue(output.contains("bob was killed (SIGKILL)"), output);
            assertTrue(output.contains("answer   21333333341333333334000000000 "), output);
            assertTrue(output.contains("400 of 400 subtasks done"), output);
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
    void aDemoThatIsToldToStopWhileItStartsHasNothingToSay() {
        try (RunningProcess demo = RunningProcess.divvy("demo")) {
            demo.awaitLine("server +pid (\\d+)");
            demo.terminate();
            demo.awaitExit();
            assertEquals(List.of(), demo.stderr());
        }
    }

    private static boolean isAlive(Matcher pid) {
        return ProcessHandle.of(Long.parseLong(pid.group(1)))
                .map(ProcessHandle::isAlive)
                .orElse(false);
    }
}
