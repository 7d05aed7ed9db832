package io.divvy.client;

import static io.divvy.client.Waiting.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.ScriptedServer.Dialogue;
import io.divvy.testing.WirePeer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A server that says nothing any more, while a client waits for its answers. */
class ClientOfSilentServerTest {
    private static final long SILENCE_MS = 400;
    private static final ClientOptions OPTIONS = ClientOptions.DEFAULT.withSilence(Duration.ofMillis(SILENCE_MS));
    private static final TaskRequest SQUARES =
            TaskRequest.of("sum_of_squares").param("start", 1).param("end", 2);

    @Test
    void requestsAreAskedAgainOnAnotherConnection() throws Exception {
        try (ScriptedServer server = new ScriptedServer(60, true);
                Dialogue first = server.connect(OPTIONS)) {
            CompletableFuture<TaskHandle> handle = first.client().submitAsync(SQUARES);
            JsonNode submit = first.peer().receive("submit");
            first.peer().receiveEnd();

            WirePeer second = server.accept();
            assertEquals(submit, second.receive("submit"), "the same, to the key");
            second.send("{'type':'accepted','request':" + submit.get("request") + ",'task_id':'t','subtasks':1}");
            get(handle);
            second.receiveEnd(); // Silent again.

            WirePeer third = server.accept();
            JsonNode attach = third.receive("attach");
            assertEquals("t", attach.get("task_id").textValue());
            third.send("{'type':'completed','task_id':'t','result':5}");
            assertEquals("5", get(get(handle).result()).toString());
        }
    }

    @Test
    void heartbeatsAreSignsOfLife() throws Exception {
        try (ScriptedServer server = new ScriptedServer(60, true);
                Dialogue talk = server.connect(OPTIONS)) {
            CompletableFuture<TaskHandle> handle = talk.client().submitAsync(SQUARES);
            JsonNode submit = talk.peer().receive("submit");
            long startNanos = System.nanoTime();
            await().pollInterval(Duration.ofMillis(SILENCE_MS / 8)).until(() -> {
                talk.peer().send("{'type':'heartbeat'}");
                return System.nanoTime() - startNanos > 4 * SILENCE_MS * 1_000_000;
            });
            talk.peer().send("{'type':'accepted','request':" + submit.get("request") + ",'task_id':'t','subtasks':1}");
            get(handle);
        }
    }
}
