package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.testing.RunningProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks run, and say what they measured. How fast it was is not asked: the machine may be busy. */
class BenchIT {
    @TempDir
    private Path folder;

    @Test
    void eachShapeIsMeasuredBesideItsReference() throws Exception {
        Path report = folder.resolve("report.json");
        try (RunningProcess bench = RunningProcess.divvy(
                "bench",
                "--quick",
                "--shape",
                "single",
                "--shape",
                "one-subtask",
                "--shape",
                "huge-task",
                "--json",
                report.toString())) {
            assertEquals(0, bench.awaitExit(), bench::toString);
        }
        byte[] text = Files.readAllBytes(report);
        JsonNode shapes = Json.read(text, 0, text.length).path("shapes");
        assertEquals(3, shapes.size());

        JsonNode single = shapes.get(0);
        assertEquals("single", single.path("name").asText());
        assertEquals("subtasks/s", single.path("unit").asText());
        assertTrue(single.path("value").asDouble() > 0, single::toString);
        assertTrue(single.path("p50_us").asDouble() > 0, single::toString);
        assertTrue(single.path("p50_us").asDouble() <= single.path("p999_us").asDouble(), single::toString);
        assertTrue(single.path("server_allocated_bytes").asDouble() > 0, single::toString);

        JsonNode echo = shapes.get(1).path("comparisons").get(0);
        assertTrue(echo.path("reference").asDouble() > 0, echo::toString);
        assertTrue(echo.path("value").asDouble() > 0, echo::toString);
        assertEquals(2.0, echo.path("at_most").asDouble());

        JsonNode heap = shapes.get(2).path("comparisons").get(0);
        assertTrue(heap.path("reached").asBoolean(), () -> "10^9 subtasks take more heap than 10^6: " + heap);
    }

    @Test
    void aShapeThatIsNotThereIsRefusedWithThoseThatAre() {
        try (RunningProcess bench = RunningProcess.divvy("bench", "--shape", "round")) {
            assertEquals(2, bench.awaitExit(), bench::toString);
            String error = String.join("\n", bench.stderr());
            assertTrue(error.contains("--shape: expected one of batched, single, "), error);
        }
    }

    @Test
    void aPeerThatIsNotThereIsNamed() {
        try (RunningProcess bench = RunningProcess.divvy("bench", "--shape", "single", "--redis", "127.0.0.1:1")) {
            assertEquals(3, bench.awaitExit(), bench::toString);
            String error = String.join("\n", bench.stderr());
            assertTrue(error.contains("redis at 127.0.0.1:1 does not answer"), error);
        }
    }
}
