package io.divvy.rest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.divvy.protocol.Json;
import io.divvy.server.Gateway;
import io.divvy.server.StuckType;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What the server says of itself. */
final class ServerRoutes {
    private static final long NOT_READY_RETRY_MS = 5_000;

    private final Gateway gateway;
    private final RestLimits limits;
    /** Where what takes work is made. */
    private final Executor threads;

    private final Reply openApiYaml;
    private final Reply openApiJson;

    ServerRoutes(Gateway gateway, RestLimits limits, Executor threads) throws IOException {
        this.gateway = gateway;
        this.limits = limits;
        this.threads = threads;
        try (InputStream file = ServerRoutes.class.getResourceAsStream("/openapi.yaml")) {
            if (file == null) {
                throw new IOException("openapi.yaml is not on the class path; build the jar with mvn package");
            }
            byte[] yaml = file.readAllBytes();
            openApiYaml = Reply.of(200, Reply.YAML, yaml);
            openApiJson = Reply.of(200, Reply.JSON, Content.of(() -> jsonOf(yaml)));
        }
    }

    private static byte[] jsonOf(byte[] yaml) {
        try {
            return Json.write(new ObjectMapper(new YAMLFactory()).readTree(yaml));
        } catch (IOException e) {
            throw new UncheckedIOException("openapi.yaml is not YAML", e);
        }
    }

    List<Route> routes() {
        return List.of(
                Route.quick("/health", this::health),
                Route.quick("/ready", this::ready),
                Route.get("/openapi.yaml", request -> tagged(openApiYaml)).giving(Reply.YAML),
                Route.get("/openapi.json", request -> tagged(openApiJson)));
    }

    /** The process lives and answers HTTP; nothing else is asked. It also says where the other port is. */
    private CompletableFuture<Reply> health(Context request) {
        return CompletableFuture.completedFuture(
                Reply.of(200, status("up").put("tcp_port", gateway.tcpAddress().getPort())));
    }

    /** The event loop takes its turns and the store its tasks: tasks are accepted and workers served. */
    private CompletableFuture<Reply> ready(Context request) {
        return gateway.ready()
                .orTimeout(limits.readyMs(), TimeUnit.MILLISECONDS)
                .handle((stuckTypes, failure) -> failure == null
                        ? Reply.of(200, readiness(stuckTypes))
                        : (failure instanceof TimeoutException
                                        ? Problem.busy(
                                                "not ready: the event loop did not answer within " + limits.readyMs()
                                                        + " ms",
                                                NOT_READY_RETRY_MS)
                                        : Problem.of(failure))
                                .toReply());
    }

    /** The first time it is made for that. */
    private CompletableFuture<Reply> tagged(Reply reply) {
        return CompletableFuture.supplyAsync(reply::withEntityTag, threads);
    }

    /** A type whose code hangs keeps nobody from the others. So the server is ready, and says what hangs. */
    private static ObjectNode readiness(List<StuckType> stuckTypes) {
        ObjectNode readiness = status("ready");
        ArrayNode stuck = readiness.putArray("stuck_types");
        for (StuckType type : stuckTypes) {
            stuck.addObject()
                    .put("name", type.name())
                    .put("calls", type.calls())
                    .put("refused", type.isRefused());
        }
        return readiness;
    }

    private static ObjectNode status(String status) {
        return Json.MAPPER.createObjectNode().put("status", status);
    }
}
