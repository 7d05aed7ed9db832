package io.divvy.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.server.Gateway;
import io.divvy.server.TaskPage;
import io.divvy.server.TaskResult;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What senders do with tasks over HTTP. */
final class TaskRoutes {
    private final Gateway gateway;
    private final RestLimits limits;
    private final BodyReader bodies;
    private final EndWaits waits;
    /** Where answers are written out: the gateway answers on the loop's thread, which has no time for that. */
    private final Executor threads;

    TaskRoutes(Gateway gateway, RestLimits limits, EndWaits waits, Executor threads) {
        this.gateway = gateway;
        this.limits = limits;
        this.bodies = new BodyReader(limits);
        this.waits = waits;
        this.threads = threads;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/tasks", this::submit, Parameters.WAIT, Parameters.NUMBERS),
                Route.get("/tasks", this::list, TaskQueries.PARAMETERS),
                Route.get("/tasks/{id}", this::get, Parameters.WAIT, Parameters.NUMBERS),
                Route.delete("/tasks/{id}", this::delete),
                Route.post("/tasks/{id}/cancel", this::cancel, Parameters.NUMBERS),
                Route.get("/tasks/{id}/result", this::result, Parameters.NUMBERS),
                Route.get("/tasks/{id}/explain", this::explain));
    }

    /** 202 for a new task and 200 for a known one, also where the answer was held: the view says how far it is. */
    private CompletableFuture<Reply> submit(Context request) throws ProblemException {
        Duration wait = Parameters.wait(request, limits.waitSeconds());
        ResultNumbers numbers = Parameters.resultNumbers(request);
        String headerKey = Parameters.idempotencyKey(request);
        return bodies.read(request.req())
                .thenApply(body -> read(body, headerKey))
                .thenCompose(task -> inTime(gateway.submit(task)))
                .thenCompose(submitted -> wait == null
                        ? CompletableFuture.completedFuture(submitted)
                        : waits.untilEnd(submitted.task().id(), wait)
                                .thenApply(later ->
                                        new Gateway.Submitted(later.orElse(submitted.task()), submitted.isNew())))
                .thenApplyAsync(
                        submitted -> Reply.of(submitted.isNew() ? 202 : 200, numbers.in(submitted.task())::writeTo)
                                .withHeader(
                                        "Location", "/tasks/" + submitted.task().id()),
                        threads);
    }

    private static TaskObject read(byte[] body, @Nullable String headerKey) {
        try {
            TaskObject task = TaskObject.read(Json.readObject(body, 0, body.length));
            if (headerKey == null || headerKey.equals(task.key())) {
                return task;
            }
            if (task.key() != null) {
                throw new ProtocolException(
                        ErrorCode.BAD_MESSAGE,
                        "header Idempotency-Key: expected the same as task.key, or only one of the two");
            }
            return task.withKey(headerKey);
        } catch (ProtocolException e) {
            throw new CompletionException(e);
        }
    }

    private CompletableFuture<Reply> get(Context request) throws ProblemException {
        String id = Parameters.taskId(request);
        Duration wait = Parameters.wait(request, limits.waitSeconds());
        ResultNumbers numbers = Parameters.resultNumbers(request);
        return (wait == null ? inTime(gateway.find(id)) : waits.untilEnd(id, wait))
                .thenApplyAsync(found -> Reply.of(200, numbers.in(existing(found, id))::writeTo), threads);
    }

    private CompletableFuture<Reply> cancel(Context request) throws ProblemException {
        String id = Parameters.taskId(request);
        ResultNumbers numbers = Parameters.resultNumbers(request);
        return inTime(gateway.cancel(id))
                .thenApplyAsync(found -> Reply.of(200, numbers.in(existing(found, id))::writeTo), threads);
    }

    private CompletableFuture<Reply> list(Context request) throws ProblemException {
        ResultNumbers numbers = Parameters.resultNumbers(request);
        return inTime(gateway.list(TaskQueries.read(request)))
                .thenApplyAsync(page -> Reply.of(200, json -> writePage(page, numbers, json)), threads);
    }

    private static void writePage(TaskPage page, ResultNumbers numbers, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("items");
        for (TaskView task : page.views()) {
            numbers.in(task).writeTo(json);
        }
        json.writeEndArray();
        json.writeStringField("next_cursor", page.nextCursor());
        json.writeEndObject();
    }

    private CompletableFuture<Reply> delete(Context request) throws ProblemException {
        String id = Parameters.taskId(request);
        return inTime(gateway.delete(id)).thenApply(deleted -> {
            if (!deleted) {
                throw new CompletionException(Parameters.noSuchTask(id));
            }
            return Reply.of(204);
        });
    }

    /** The bare result as it is stored. */
    private CompletableFuture<Reply> result(Context request) throws ProblemException {
        String id = Parameters.taskId(request);
        ResultNumbers numbers = Parameters.resultNumbers(request);
        return inTime(gateway.result(id))
                .thenCompose(found -> whole(jsonOf(existing(found, id), id)))
                .thenApplyAsync(json -> ResultReply.of(numbers.in(json)), threads);
    }

    private CompletableFuture<byte[]> whole(TaskResult.Pieces pieces) {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(pieces.length()));
        return rest(pieces, all);
    }

    private CompletableFuture<byte[]> rest(TaskResult.Pieces pieces, ByteBuffer all) {
        if (!all.hasRemaining()) {
            return CompletableFuture.completedFuture(all.array());
        }
        return pieces.read(all.position())
                .thenComposeAsync(
                        piece -> {
                            all.put(piece.duplicate());
                            return rest(pieces, all);
                        },
                        threads);
    }

    private static TaskResult.Pieces jsonOf(TaskResult result, String id) {
        TaskResult.Pieces json = result.json();
        if (json == null) {
            throw new CompletionException(new ProblemException(
                    ErrorCode.CONFLICT,
                    result.isFinished()
                            ? "task " + id + " is " + result.state() + " and has no result"
                            : "task " + id + " is " + result.state() + "; its result is here once it is completed: GET"
                                    + " /tasks/" + id + "?wait=30 waits for that"));
        }
        return json;
    }

    private CompletableFuture<Reply> explain(Context request) throws ProblemException {
        String id = Parameters.taskId(request);
        return inTime(gateway.explain(id))
                .thenApplyAsync(found -> Reply.of(200, existing(found, id)::writeTo), threads);
    }

    private static <T> T existing(Optional<T> found, String id) {
        return found.orElseThrow(() -> new CompletionException(Parameters.noSuchTask(id)));
    }

    private <T> CompletableFuture<T> inTime(CompletableFuture<T> answer) {
        return answer.orTimeout(limits.answerMs(), TimeUnit.MILLISECONDS);
    }
}
