package io.divvy.rest;

import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.Json;
import io.divvy.scheduler.Limits;
import io.divvy.server.ServerLimits;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import io.divvy.testing.RunningServer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results that are large, or pictures. */
class StoredResultTest {
    private static final byte[] PICTURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, -1};
    private static final String BASE64 = Base64.getEncoder().encodeToString(PICTURE);

    @Test
    void aPictureComesAsThePictureItself() {
        try (RunningServer server = RunningServer.start(new TaskTypes(List.of(new Painting())))) {
            server.startWorker((type, payload) -> payload);
            String id = server.request()
                    .body("{\"type\":\"painting\"}")
                    .post("/tasks?wait=30")
                    .then()
                    .body("result.media_type", is("image/png"))
                    .extract()
                    .path("id");
            byte[] served = server.request()
                    .get("/tasks/" + id + "/result")
                    .then()
                    .statusCode(200)
                    .contentType("image/png")
                    .header("Content-Length", Integer.toString(PICTURE.length))
                    .extract()
                    .asByteArray();
            assertArrayEquals(PICTURE, served);
            server.request()
                    .head("/tasks/" + id + "/result")
                    .then()
                    .statusCode(200)
                    .contentType("image/png")
                    .header("Content-Length", Integer.toString(PICTURE.length));
        }
    }

    /** As it comes to who asks for nothing special. */
    private static ResultForm form() {
        return new ResultForm(ResultNumbers.NUMBER, AcceptedTypes.of(List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[{'media_type':'image/png','base64':''}]",
                "{'media_type':'image/png'}",
                "{'base64':'iVBORw=='}",
                "{'media_type':'image/png','base64':'iVBORw==','width':1}",
                "{'media_type':'text/html','base64':'PGI+'}",
                "{'media_type':'image/png','base64':7}",
                "{'media_type':'image/png','base64':null}",
                "{'media_type':null,'base64':''}",
                "{'media_type':'image/png','base64':'not base64!'}",
                "'image/png'",
                "12345678901234567890",
            })
    void otherResultsAreServedAsJson(String json) {
        byte[] stored = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        Reply reply = ResultReply.of(stored, form());
        assertEquals("application/json", reply.contentType());
        assertArrayEquals(stored, reply.body().get());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{'media_type':'image/png','base64':'%s'}", "{ 'base64' : '%s', 'media_type': 'image/png' }"})
    void theOrderOfTheFieldsDoesNotMatter(String form) {
        String json = String.format(form, BASE64).replace('\'', '"');
        Reply reply = ResultReply.of(json.getBytes(StandardCharsets.UTF_8), form());
        assertEquals("image/png", reply.contentType());
        assertArrayEquals(PICTURE, reply.body().get());
    }

    @Test
    void aLargeResultIsLeftOutOfEveryViewWhichSaysWhereItIs() {
        int inline = 1_000;
        ServerLimits limits = ServerLimits.DEFAULT.with(draft -> draft.inlineResultBytes = inline);
        try (RunningServer server = RunningServer.start(Limits.DEFAULT, RestLimits.DEFAULT, limits)) {
            server.startWorker((type, payload) -> payload);
            // The result is the text in quotes: one more than may be, and then just as much.
            String tooLarge = "x".repeat(inline - 1);
            String id = concat(server, tooLarge);
            String place = "/tasks/" + id + "/result";
            for (String path : List.of("/tasks/" + id, "/tasks/" + id + "?wait=1")) {
                server.request()
                        .get(path)
                        .then()
                        .statusCode(200)
                        .body("state", is("completed"))
                        .body("result", nullValue())
                        .body("result_at", is(place));
            }
            server.request()
                    .get("/tasks")
                    .then()
                    .body("items[0].result", nullValue())
                    .body("items[0].result_at", is(place));
            server.request()
                    .post("/tasks/" + id + "/cancel")
                    .then()
                    .body("result", nullValue())
                    .body("result_at", is(place));
            server.request()
                    .get(place)
                    .then()
                    .statusCode(200)
                    .contentType("application/json")
                    .header("Content-Length", Integer.toString(inline + 1))
                    .body(is('"' + tooLarge + '"'));

            String fits = "x".repeat(inline - 2);
            server.request()
                    .get("/tasks/" + concat(server, fits))
                    .then()
                    .body("result", is(fits))
                    .body("result_at", nullValue());
        }
    }

    private static String concat(RunningServer server, String text) {
        return server.request()
                .body("{\"type\":\"echo\",\"payloads\":[\"" + text + "\"],\"combine\":\"concat\"}")
                .post("/tasks?wait=30")
                .then()
                .statusCode(202)
                .body("state", is("completed"))
                .extract()
                .path("id");
    }

    /** One subtask, whose result does not matter; the answer is the picture. */
    private static final class Painting implements TaskType {
        @Override
        public String name() {
            return "painting";
        }

        @Override
        public Subtasks split(ObjectNode params, @Nullable Long subtasks) {
            return new Subtasks() {
                @Override
                public long count() {
                    return 1;
                }

                @Override
                public JsonNode payload(long index) {
                    return params.numberNode(1);
                }
            };
        }

        @Override
        public JsonNode process(JsonNode payload, TaskContext context) {
            return payload;
        }

        @Override
        public Combiner<?> combiner(ObjectNode params) {
            return new Picture<>(Combiners.count());
        }
    }

    private record Picture<A>(Combiner<A> inner) implements Combiner<A> {
        @Override
        public A empty() {
            return inner.empty();
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            return inner.complaint(result);
        }

        @Override
        public boolean isExact() {
            return inner.isExact();
        }

        @Override
        public A add(A accumulator, JsonNode result) {
            return inner.add(accumulator, result);
        }

        @Override
        public A merge(A lower, A higher) {
            return inner.merge(lower, higher);
        }

        @Override
        public JsonNode finish(A accumulator) {
            return Json.MAPPER.createObjectNode().put("media_type", "image/png").put("base64", BASE64);
        }
    }
}
