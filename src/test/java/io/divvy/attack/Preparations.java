package io.divvy.attack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/** What a server is given before it is attacked. */
final class Preparations {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** Below what one connection may wait for. */
    private static final int TASKS_OF_A_CONNECTION = 5_000;

    private static final int PATIENCE_S = 60;
    private static final String DONE = "done";

    private Preparations() {}

    /** A finished task with a result of so many bytes, whole numbers of six digits; returns its id. */
    static List<String> largeResult(Target server, int parts, int partBytes) throws IOException {
        String number = "123456,";
        String part = "[" + number.repeat(partBytes / number.length()) + "0]";
        String payloads = "0" + ",0".repeat(parts - 1);
        String task = "{'type':'" + DONE + "','payloads':[" + payloads + "],'combine':'collect'}";
        try (FloodPeer worker = worker(server, index -> part)) {
            return List.of(submitted(server, task, 1, "completed"));
        }
    }

    /** Returns the id of the last one. */
    static List<String> finishedTasks(Target server, int count) throws IOException {
        String task = "{'type':'" + DONE + "','payloads':[1],'combine':'sum','labels':{'album':'work'}}";
        try (FloodPeer worker = worker(server, index -> "1")) {
            return List.of(submitted(server, task, count, "completed"));
        }
    }

    /** Nobody takes them. Returns the id of the last one. */
    static List<String> openTasks(Target server, int count) throws IOException {
        String task = "{'type':'" + SenderAttacks.UNTAKEN + "','payloads':[1]}";
        return List.of(submitted(server, task, count, "accepted"));
    }

    private static FloodPeer worker(Target server, LongFunction<String> result) throws IOException {
        String hello =
                "{'type':'worker','protocol':2,'name':'prepares','slots':1,'credit':64,'task_types':['" + DONE + "']}";
        return FloodPeer.open(new Crowd(server, List.of()), hello, (worker, text) -> {
            JsonNode message = read(text);
            for (long index = message.path("from").asLong();
                    index < message.path("to").asLong();
                    index++) {
                worker.sendUnchecked(FloodPeer.frame("{'type':'result','lease':" + message.get("lease") + ",'from':"
                        + index + ",'results':[" + result.apply(index) + "]}"));
            }
        });
    }

    /** Submits the task so often, waits for as many messages of that type, and returns the id in the last one. */
    private static String submitted(Target server, String task, int count, String awaited) throws IOException {
        Crowd crowd = new Crowd(server, List.of());
        BlockingQueue<String> ids = new LinkedBlockingQueue<>();
        List<FloodPeer> senders = new ArrayList<>();
        try {
            for (int left = count; left > 0; left -= TASKS_OF_A_CONNECTION) {
                FloodPeer sender = FloodPeer.open(crowd, FloodPeer.SENDER, (peer, text) -> {
                    JsonNode message = read(text);
                    if (message.path("type").asText().equals(awaited)) {
                        ids.add(message.get("task_id").textValue());
                    }
                });
                senders.add(sender);
                int tasks = Math.min(left, TASKS_OF_A_CONNECTION);
                sender.send(SenderAttacks.batch(SenderAttacks.submit(task), tasks), tasks);
            }
            String last = "";
            for (int come = 0; come < count; come++) {
                last = ids.poll(PATIENCE_S, TimeUnit.SECONDS);
                if (last == null) {
                    throw new IOException("of " + count + " tasks " + come + " were " + awaited + "; " + crowd.tally());
                }
            }
            return last;
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts the preparation", e);
        } finally {
            for (FloodPeer sender : senders) {
                sender.close();
            }
        }
    }

    private static JsonNode read(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
