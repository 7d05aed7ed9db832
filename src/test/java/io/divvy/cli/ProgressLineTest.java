package io.divvy.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.protocol.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said of a task that goes on for long, with a clock that the test turns. */
class ProgressLineTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final AtomicLong nowNanos = new AtomicLong();
    private final PrintStream usual = System.err;

    @BeforeEach
    void catchStderr() {
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void giveStderrBack() {
        System.setErr(usual);
    }

    private List<String> said() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private void passSeconds(long seconds) {
        nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    private static Progress of100(long done) {
        Progress.Draft progress = new Progress.Draft(100);
        progress.done = done;
        return progress.finish();
    }

    @Test
    void withoutATerminalThereIsALineEveryTenSecondsAndOneAtTheEnd() {
        try (ProgressLine progress = ProgressLine.begin("squares", false, nowNanos::get)) {
            progress.update(of100(0));
            passSeconds(9);
            progress.update(of100(30));
            assertEquals(List.of(), said());
            passSeconds(1);
            progress.showIfDue();
            progress.add(3, 2);
            passSeconds(10);
            progress.update(of100(80));
            passSeconds(5);
            progress.complete(100, 0, 4);
        }
        assertEquals(
                List.of(
                        "divvy: squares: 30 of 100 subtasks, 30 %, 3.0/s, 24s left",
                        "divvy: squares: 80 of 100 subtasks, 80 %, 5.0/s, 4s left, 3 retried, 2 workers",
                        "divvy: squares: 100 of 100 subtasks, 100 %, 25.0 s, 4 retried, 2 workers"),
                said());
    }

    @Test
    void thereIsALineAlsoWhereNothingHappens() {
        try (ProgressLine progress = ProgressLine.begin("squares", false, nowNanos::get)) {
            progress.update(of100(30));
            passSeconds(10);
            await("the first").atMost(Duration.ofSeconds(30)).until(() -> said().size() == 1);
            passSeconds(10);
            await("the second").atMost(Duration.ofSeconds(30)).until(() -> said().size() == 2);
        }
        assertEquals("divvy: squares: 30 of 100 subtasks, 30 %, 0.0/s", said().get(1));
    }

    @Test
    void aShortTaskSaysNothing() {
        try (ProgressLine progress = ProgressLine.begin("squares", false, nowNanos::get)) {
            progress.update(of100(30));
            passSeconds(9);
            progress.complete(100, 0, 0);
            passSeconds(10);
            progress.showIfDue();
        }
        assertEquals(List.of(), said());
    }
}
