package io.divvy.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.divvy.testing.RunningServer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Which threads make and send answers, and how often a request waits for one of them. */
class AnswerThreadsTest {
    @Test
    void aRequestWaitsForAnAnswerThreadOnce() {
        try (RunningServer server = RunningServer.start()) {
            String id = server.request()
                    .body("""
                            {"type":"mine","payloads":[1]}""")
                    .post("/tasks")
                    .then()
                    .statusCode(202)
                    .extract()
                    .path("id");
            for (String path : List.of("/tasks/" + id, "/tasks", "/tasks/" + id + "/explain", "/openapi.yaml")) {
                assertEquals(1, fewestAnswerTasks(server, path), path);
            }
        }
    }

    @Test
    void aStoredResultIsReadAndSentByOneAnswerTask() {
        try (RunningServer server = RunningServer.start()) {
            server.startWorker();
            String id = server.request()
                    .body("""
                            {"type":"sum_of_squares","params":{"start":1,"end":10},"subtasks":1}""")
                    .post("/tasks?wait=30")
                    .then()
                    .statusCode(202)
                    .extract()
                    .path("id");
            assertEquals(1, fewestAnswerTasks(server, "/tasks/" + id + "/result"));
        }
    }

    /** Of some requests: where an answer is made before Jetty's thread has asked to be told, it is handed over once more. */
    private static long fewestAnswerTasks(RunningServer server, String path) {
        return LongStream.range(0, 10)
                .map(attempt -> {
                    long before = server.rest().answerTasks();
                    server.request().get(path).then().statusCode(200);
                    return server.rest().answerTasks() - before;
                })
                .min()
                .orElseThrow();
    }

    @Test
    void executeHereHandsOverWhatAnotherThreadAsksFor() {
        AnswerThreads threads = new AnswerThreads(1);
        AnswerThreads others = new AnswerThreads(1);
        try {
            Thread own = CompletableFuture.supplyAsync(Thread::currentThread, threads)
                    .join();
            Thread fromHere = CompletableFuture.supplyAsync(Thread::currentThread, threads::executeHere)
                    .join();
            Thread fromOthers = CompletableFuture.supplyAsync(
                            () -> CompletableFuture.supplyAsync(Thread::currentThread, threads::executeHere), others)
                    .thenCompose(thread -> thread)
                    .join();
            assertNotSame(Thread.currentThread(), fromHere);
            assertSame(own, fromHere);
            assertSame(own, fromOthers);
        } finally {
            threads.shutdown();
            others.shutdown();
        }
    }
}
