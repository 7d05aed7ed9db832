package io.divvy.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Json;
import io.divvy.protocol.PatchObject;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.rest.TaskQueries.FailureQuery;
import io.divvy.server.FailurePage;
import io.divvy.server.Gateway;
import io.divvy.server.SubmittedTask;
import io.divvy.server.TaskPage;
import io.divvy.server.TaskQuery;
import io.divvy.server.TaskResult;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What senders do with tasks over HTTP. */
final class TaskRoutes {
    /** By {@code Accept} a picture comes as it is, or as the JSON that it is stored as. */
    private static final Map<String, String> RESULT_HEADERS =
            Map.of(Negotiation.ACCEPT_RANGES, "bytes", Negotiation.VARY, "Accept, Accept-Encoding");

    private final Gateway gateway;
    private final RestLimits limits;
    private final BodyReader bodies;
    private final HeldAnswers held;
    /** For single tasks, and for lists and results: each of the latter takes more memory. */
    private final Turns views;

    private final Turns pages;
    /** Where answers are written out: the gateway answers on the loop's thread, which has no time for that. */
    private final Executor threads;

    TaskRoutes(Gateway gateway, RestLimits limits, HeldAnswers held, Executor threads) {
        this.gateway = gateway;
        this.limits = limits;
        this.bodies = new BodyReader(limits, threads);
        this.held = held;
        this.views = new Turns(limits.viewsAtOnce());
        this.pages = new Turns(limits.pagesAtOnce());
        this.threads = threads;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/tasks", this::submit, Parameters.WAIT, Parameters.NUMBERS),
                Route.get("/tasks", this::list, TaskQueries.PARAMETERS),
                Route.get("/tasks/{id}", this::get, Parameters.WAIT, Parameters.NUMBERS),
                Route.patch("/tasks/{id}", this::patch, Parameters.NUMBERS),
                Route.delete("/tasks/{id}", this::delete),
                Route.post("/tasks/{id}/cancel", this::cancel, Parameters.NUMBERS),
                Route.post("/tasks/{id}/rerun", this::rerun, Parameters.WAIT, Parameters.NUMBERS),
                Route.get("/tasks/{id}/result", this::result, Parameters.NUMBERS)
                        .giving(Reply.JSON, PictureText.PNG),
                Route.get("/tasks/{id}/failures", this::failures, TaskQueries.FAILURE_PARAMETERS),
                Route.get("/tasks/{id}/explain", this::explain));
    }

    /** 202 for a new task and 200 for a known one, also where the answer was held: the view says how far it is. */
    private CompletableFuture<Reply> submit(Context request) throws ProblemException {
        Duration wait = Parameters.wait(request, limits.waitSeconds());
        ResultNumbers numbers = Parameters.resultNumbers(request);
        String headerKey = Parameters.idempotencyKey(request);
        return bodies.read(request.req(), body -> parse(body, headerKey))
                .thenCompose(task -> inTime(gateway.submit(task)))
                .thenCompose(submitted -> held(submitted, wait, request))
                .thenApply(submitted -> view(submitted.isNew() ? 202 : 200, submitted.task(), numbers)
                        .withHeader("Location", "/tasks/" + submitted.id()));
    }

    private CompletableFuture<SubmittedTask> held(SubmittedTask submitted, @Nullable Duration wait, Context request) {
        return wait == null
                ? CompletableFuture.completedFuture(submitted)
                : held.untilEnd(submitted.id(), wait, ClientConnections.of(request))
                        // It was accepted, and the answer says so whatever became of the wait.
                        .exceptionally(failure -> Optional.empty())
                        .thenApply(later -> new SubmittedTask(
                                submitted.id(),
                                later.orElse(submitted.task()),
                                submitted.isNew(),
                                submitted.takenOver()));
    }

    private CompletableFuture<Reply> rerun(Context request) throws ProblemException {
        String id = Parameters.taskId(request);
        Duration wait = Parameters.wait(request, limits.waitSeconds());
        ResultNumbers numbers = Parameters.resultNumbers(request);
        String key = Parameters.idempotencyKey(request);
        return bodies.readNone(request.req(), () -> pages.take(() -> inTime(gateway.rerun(id, key, threads))))
                .thenCompose(found -> held(existing(found, id), wait, request))
                .thenApply(submitted -> Reply.of(
                                submitted.isNew() ? 202 : 200, json -> writeRerun(submitted, numbers, json))
                        .withHeader("Location", "/tasks/" + submitted.id()));
    }

    private static void writeRerun(SubmittedTask submitted, ResultNumbers numbers, JsonGenerator json)
            throws IOException {
        json.writeStartObject();
        if (submitted.isNew()) {
            json.writeNumberField("taken_over", submitted.takenOver());
        }
        numbers.in(submitted.task().get()).writeFieldsTo(json);
        json.writeEndObject();
    }

    private static TaskObject parse(byte[] body, @Nullable String headerKey) {
        try {
            TaskObject task = TaskObject.read(Json.readMessage(body, 0, body.length));
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
        if (wait != null) {
            return held.untilEnd(id, wait, ClientConnections.of(request))
                    .thenApplyAsync(
                            found -> view(200, existing(found, id), numbers).withEntityTag(), threads);
        }
        return views.take(() -> inTime(gateway.find(id))
                .thenApplyAsync(found -> view(200, existing(found, id), numbers).withEntityTag(), threads));
    }

    private static Reply view(int status, Supplier<TaskView> task, ResultNumbers numbers) {
        return Reply.of(status, json -> numbers.in(task.get()).writeTo(json));
    }

    private CompletableFuture<Reply> patch(Context request) throws ProblemException {
        String id = Parameters.taskId(request);
        ResultNumbers numbers = Parameters.resultNumbers(request);
        return bodies.read(request.req(), TaskRoutes::parsePatch)
                .thenCompose(patch -> inTime(gateway.patch(id, patch)))
                .thenApply(found -> view(200, existing(found, id), numbers));
    }

    private static PatchObject parsePatch(byte[] body) {
        try {
            return PatchObject.read(Json.readMessage(body, 0, body.length));
        } catch (ProtocolException e) {
            throw new CompletionException(e);
        }
    }

    private CompletableFuture<Reply> cancel(Context request) throws ProblemException {
        String id = Parameters.taskId(request);
        ResultNumbers numbers = Parameters.resultNumbers(request);
        return bodies.readNone(request.req(), () -> inTime(gateway.cancel(id)))
                .thenApply(found -> view(200, existing(found, id), numbers));
    }

    private CompletableFuture<Reply> list(Context request) throws ProblemException {
        ResultNumbers numbers = Parameters.resultNumbers(request);
        TaskQuery query = TaskQueries.read(request);
        Map<String, List<String>> parameters = Parameters.query(request);
        return pages.take(() -> inTime(gateway.list(query))
                .thenApplyAsync(
                        page -> withNext(page, parameters, Reply.of(200, json -> writePage(page, numbers, json)))
                                .written(),
                        threads));
    }

    private static Reply withNext(TaskPage page, Map<String, List<String>> parameters, Reply reply) {
        String cursor = page.nextCursor();
        String link = cursor == null ? null : TaskQueries.linkToNext(parameters, cursor);
        return link == null ? reply : reply.withHeader("Link", link);
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
        ResultForm form = new ResultForm(Parameters.resultNumbers(request), AcceptedTypes.of(request));
        Negotiation negotiation = Negotiation.of(request);
        return pages.take(() -> inTime(gateway.result(id)).thenCompose(found -> {
            TaskResult result = existing(found, id);
            TaskResult.Pieces json = jsonOf(result, id);
            String tag = form.tag(result.version());
            Reply notModified = negotiation.notModified(tag, RESULT_HEADERS);
            // Nothing of the result is read for a client that has it.
            return notModified == null
                    ? ResultReply.of(json, form, threads)
                            .thenApply(
                                    reply -> reply.withHeaders(RESULT_HEADERS).withEntityTag(tag))
                    : CompletableFuture.completedFuture(notModified);
        }));
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

    private CompletableFuture<Reply> failures(Context request) throws ProblemException {
        String id = Parameters.taskId(request);
        FailureQuery query = TaskQueries.readFailures(request);
        Map<String, List<String>> parameters = Parameters.query(request);
        return pages.take(() -> inTime(gateway.failures(id, query.fromIndex(), query.atMost()))
                .thenApplyAsync(
                        found -> {
                            FailurePage page = existing(found, id).get();
                            String next = cursorOf(page);
                            Reply reply = Reply.of(200, json -> writePage(page, next, json))
                                    .written();
                            String link = next == null
                                    ? null
                                    : TaskQueries.linkToNext("/tasks/" + id + "/failures", parameters, next);
                            return link == null ? reply : reply.withHeader("Link", link);
                        },
                        threads));
    }

    private static @Nullable String cursorOf(FailurePage page) {
        Long next = page.nextIndex();
        return next == null ? null : Long.toString(next);
    }

    private static void writePage(FailurePage page, @Nullable String nextCursor, JsonGenerator json)
            throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("items");
        for (JsonNode item : page.items()) {
            Json.writeWritten(json, Json.write(item));
        }
        json.writeEndArray();
        json.writeNumberField("dropped", page.dropped());
        json.writeStringField("next_cursor", nextCursor);
        json.writeEndObject();
    }

    private CompletableFuture<Reply> explain(Context request) throws ProblemException {
        String id = Parameters.taskId(request);
        return inTime(gateway.explain(id)).thenApply(found -> Reply.of(200, existing(found, id)::writeTo));
    }

    private static <T> T existing(Optional<T> found, String id) {
        return found.orElseThrow(() -> new CompletionException(Parameters.noSuchTask(id)));
    }

    private <T> CompletableFuture<T> inTime(CompletableFuture<T> answer) {
        return answer.orTimeout(limits.answerMs(), TimeUnit.MILLISECONDS);
    }
}
