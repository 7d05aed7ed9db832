package io.divvy.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.TaskTypeStatus;
import io.divvy.protocol.WorkerStatus;
import io.divvy.server.Gateway;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Who works for this server, and what for. */
final class WorkerRoutes {
    private static final Pattern WORKER_ID = Pattern.compile("[0-9]{1,18}");

    private final Gateway gateway;
    private final RestLimits limits;
    private final SharedAnswer<Reply> workers;
    private final SharedAnswer<Reply> taskTypes;
    private final Executor threads;

    WorkerRoutes(Gateway gateway, RestLimits limits, Executor threads) {
        this.gateway = gateway;
        this.limits = limits;
        this.threads = threads;
        this.workers = new SharedAnswer<>(() -> inTime(gateway.workers())
                .thenApplyAsync(found -> items(found, WorkerStatus::writeTo).written(), threads));
        this.taskTypes = new SharedAnswer<>(() -> CompletableFuture.supplyAsync(
                () -> items(gateway.taskTypes(), TaskTypeStatus::writeTo).written(), threads));
    }

    List<Route> routes() {
        return List.of(
                Route.get("/workers", this::list),
                Route.post("/workers/{id}/drain", this::drain),
                Route.get("/task-types", this::taskTypes));
    }

    private CompletableFuture<Reply> list(Context request) {
        return shared(workers);
    }

    private CompletableFuture<Reply> taskTypes(Context request) {
        return shared(taskTypes);
    }

    /** Each client has a task of its own: sending to all who share an answer would keep the thread that made it. */
    private CompletableFuture<Reply> shared(SharedAnswer<Reply> answer) {
        return inTime(answer.ask()).thenApplyAsync(Function.identity(), threads);
    }

    private CompletableFuture<Reply> drain(Context request) throws ProblemException {
        String id = request.pathParam("id");
        if (!WORKER_ID.matcher(id).matches()) {
            throw noSuchWorker(id);
        }
        return inTime(gateway.drain(Long.parseLong(id)))
                .thenApply(found -> found.orElseThrow(() -> new CompletionException(noSuchWorker(id))))
                .thenApply(worker -> Reply.of(200, worker::writeTo));
    }

    private static ProblemException noSuchWorker(String id) {
        return new ProblemException(
                ErrorCode.NOT_FOUND,
                "no worker " + Parameters.quoted(id) + " is connected; GET /workers lists those that are");
    }

    private interface ItemWriter<T> {
        void write(T item, JsonGenerator json) throws IOException;
    }

    private static <T> Reply items(List<T> items, ItemWriter<T> writer) {
        return Reply.of(200, json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (T item : items) {
                writer.write(item, json);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private <T> CompletableFuture<T> inTime(CompletableFuture<T> answer) {
        return answer.orTimeout(limits.answerMs(), TimeUnit.MILLISECONDS);
    }
}
