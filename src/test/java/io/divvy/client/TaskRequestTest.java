package io.divvy.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.protocol.CombineMode;
import io.divvy.protocol.Json;
import io.divvy.protocol.TaskObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskRequestTest {
    @Test
    void everyFieldOfTheTaskObjectCanBeSaid() throws Exception {
        TaskRequest request = TaskRequest.of("sum_of_squares")
                .param("start", 1)
                .param("end", BigInteger.TEN.pow(30))
                .subtasks(100)
                .combine(CombineMode.SUM)
                .priority(-5)
                .maxAttempts(7)
                .subtaskTimeout(Duration.ofSeconds(2))
                .timeout(Duration.ofMinutes(1))
                .onFailure(TaskObject.OnFailure.CONTINUE)
                .key("nightly-17")
                .name("nightly")
                .label("team", "physics")
                .label("run", "17")
                .notBefore(Instant.parse("2026-11-24T08:00:00Z"))
                .paused();
        byte[] expected = """
                {"type":"sum_of_squares","params":{"start":1,"end":1000000000000000000000000000000},"subtasks":100,
                "combine":"sum","priority":-5,"max_attempts":7,"subtask_timeout_ms":2000,"timeout_ms":60000,
                "on_failure":"continue","key":"nightly-17","name":"nightly",
                "labels":{"team":"physics","run":"17"},"not_before":"2026-11-24T08:00:00Z","paused":true}""".getBytes(StandardCharsets.UTF_8);
        assertEquals(Json.canonical(Json.read(expected, 0, expected.length)), Json.canonical(request.toJson()));
        assertEquals(CombineMode.SUM, TaskObject.read(request.toJson()).combine(), "the server understands it");
    }

    @Test
    void payloadsMayBeAnythingThatIsJson() throws Exception {
        record Frame(int number, String scene) {}
        TaskRequest request = TaskRequest.of("render")
                .payload(Map.of("number", 1))
                .payload(new Frame(2, "forest"))
                .payloads(List.of(3, "four", List.of(5)));
        assertEquals(
                "[{\"number\":1},{\"number\":2,\"scene\":\"forest\"},3,\"four\",[5]]",
                request.toJson().get("payloads").toString());
        assertEquals(5, TaskObject.read(request.toJson()).payloads().size());
    }

    @Test
    void laterChangesDoNotChangeTheJsonThatWasMadeBefore() {
        TaskRequest request = TaskRequest.of("render").payload(1);
        var taken = request.toJson();
        request.payload(2);
        assertEquals("[1]", taken.get("payloads").toString());
    }
}
