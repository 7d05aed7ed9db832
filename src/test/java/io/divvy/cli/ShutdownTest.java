package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.testing.RunningProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The exit code says whether somebody wanted the process to end. */
class ShutdownTest {
    @Test
    void aProcessThatEndsByItselfKeepsItsExitCode() {
        try (RunningProcess broken = start("breaks")) {
            assertEquals(3, broken.awaitExit(), broken::toString);
            assertEquals(List.of("ready"), broken.stdout(), "what is to be done at a signal is not done");
        }
    }

    @Test
    void aSignalIsNoFailure() {
        try (RunningProcess stopped = start("waits")) {
            stopped.awaitLine("ready");
            stopped.terminate();
            assertEquals(0, stopped.awaitExit(), stopped::toString);
            assertEquals(List.of("ready", "stopping"), stopped.stdout());
            assertEquals(List.of("divvy: stopping; Ctrl-C again ends it at once"), stopped.stderr());
        }
    }

    @Test
    void aSignalWhileItStartsIsNoFailureEither() {
        try (RunningProcess early = start("starts")) {
            early.awaitLine("ready");
            early.terminate();
            assertEquals(0, early.awaitExit(), early::toString);
        }
    }

    @Test
    void codeOfATaskTypeThatExitsIsAReasonToStartTheProcessAnew() {
        try (RunningProcess betrayed = start("exits")) {
            assertEquals(70, betrayed.awaitExit(), betrayed::toString);
            assertEquals(List.of("ready"), betrayed.stdout(), "what is done at a signal may wait for who called exit");
        }
    }

    @Test
    void aSecondSignalEndsWhatTakesTooLong() {
        try (RunningProcess slow = start("hangs")) {
            slow.awaitLine("ready");
            slow.terminate();
            slow.awaitLine("stopping");
            slow.terminate();
            assertEquals(128 + 15, slow.awaitExit(), slow::toString);
        }
    }

    private static RunningProcess start(String behaviour) {
        return RunningProcess.of(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                behaviour));
    }

    /** A command that runs for long. */
    static final class Program {
        private Program() {}

        public static void main(String[] behaviour) throws InterruptedException {
            Shutdown shutdown = Shutdown.atSignal();
            if (!behaviour[0].equals("starts")) {
                shutdown.first(() -> "stopping", () -> stop(behaviour[0].equals("hangs")));
            }
            System.out.println("ready");
            if (behaviour[0].equals("breaks")) {
                Shutdown.exit(3);
            }
            if (behaviour[0].equals("exits")) {
                Thread slot = new Thread(() -> System.exit(0), "divvy-slot-0");
                slot.start();
            }
            new CountDownLatch(1).await();
        }

        private static void stop(boolean forEver) {
            System.out.println("stopping");
            try {
                new CountDownLatch(forEver ? 1 : 0).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
