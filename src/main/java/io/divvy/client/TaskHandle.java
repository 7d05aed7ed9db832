package io.divvy.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** A task that was submitted over a {@link DivvyClient}. */
public final class TaskHandle {
    private final String id;
    private final long subtasks;
    private final CompletableFuture<JsonNode> result;

    TaskHandle(String id, long subtasks, CompletableFuture<JsonNode> result) {
        this.id = id;
        this.subtasks = subtasks;
        this.result = result;
    }

    public String id() {
        return id;
    }

    /** How many subtasks the task has. */
    public long subtasks() {
        return subtasks;
    }

    /**
     * Waits for the result.
     *
     * @throws TaskFailedException if the task failed or was cancelled
     * @throws IOException if the connection is lost; the task goes on, and another client can attach to it
     */
    public JsonNode await() throws TaskFailedException, IOException, InterruptedException {
        return DivvyClient.await(result, TaskFailedException.class);
    }

    /** The result; fails with {@link TaskFailedException} or {@link IOException}. */
    public CompletableFuture<JsonNode> result() {
        return result.copy();
    }
}
