package io.divvy.rest;

import io.divvy.protocol.TaskView;
import io.divvy.server.Gateway;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The answers that are held until a task ends. No thread waits for them; when the door closes they are answered at once. */
final class EndWaits implements AutoCloseable {
    private final Gateway gateway;
    private final long answerMs;
    private final Map<CompletableFuture<Optional<TaskView>>, String> open = new ConcurrentHashMap<>();
    private volatile boolean closing;

    EndWaits(Gateway gateway, long answerMs) {
        this.gateway = gateway;
        this.answerMs = answerMs;
    }

    /** The task once it has ended, or as it is when the time is over or the door closes; empty if there is none. */
    CompletableFuture<Optional<TaskView>> untilEnd(String id, Duration atMost) {
        CompletableFuture<Optional<TaskView>> ended =
                gateway.awaitEnd(id, atMost).orTimeout(atMost.toMillis() + answerMs, TimeUnit.MILLISECONDS);
        open.put(ended, id);
        ended.whenComplete((task, failure) -> open.remove(ended));
        if (closing) {
            answerNow(ended, id);
        }
        return ended;
    }

    int open() {
        return open.size();
    }

    @Override
    public void close() {
        closing = true;
        open.forEach(this::answerNow);
    }

    private void answerNow(CompletableFuture<Optional<TaskView>> held, String id) {
        gateway.find(id).whenComplete((task, failure) -> {
            if (failure == null) {
                held.complete(task);
            } else {
                held.completeExceptionally(failure);
            }
        });
    }
}
