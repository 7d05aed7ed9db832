package io.divvy.testing;

import static io.restassured.RestAssured.given;

import io.divvy.net.Clock;
import io.divvy.protocol.HttpApi;
import io.divvy.rest.KnownHosts;
import io.divvy.rest.RestLimits;
import io.divvy.rest.RestServer;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.RetryPolicy;
import io.divvy.server.DivvyServer;
import io.divvy.server.Gateway;
import io.divvy.server.ServerLimits;
import io.divvy.store.Retention;
import io.divvy.store.TaskStore;
import io.divvy.task.TaskTypes;
import io.restassured.config.DecoderConfig;
import io.restassured.config.LogConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** A whole server with TCP protocol and HTTP API on free ports of the loopback, and a store in memory. */
public final class RunningServer implements AutoCloseable {
    private final ReentrantLock turning = new ReentrantLock();
    private final Clock clock = Clock.system();
    private final DivvyServer server;
    private final RestServer rest;
    private final List<TestWorker> workers = new ArrayList<>();

    private RunningServer(
            Limits limits, RestLimits restLimits, ServerLimits serverLimits, TaskTypes types, TaskStore store)
            throws IOException {
        DivvyServer.Config config = DivvyServer.Config.on(freePort(), "divvy/test")
                .clock(this::nowMs)
                .limits(limits)
                .limits(serverLimits)
                .retryPolicy(new RetryPolicy(1, 10))
                .build();
        server = DivvyServer.start(config, types, store);
        try {
            rest = RestServer.start(
                    freePort(),
                    server.gateway(),
                    restLimits,
                    KnownHosts.of(InetAddress.getLoopbackAddress(), List.of("divvy.test")));
            server.tellOf(new HttpApi(rest.address().getPort(), null));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    public static RunningServer start() {
        return start(Limits.DEFAULT, RestLimits.DEFAULT);
    }

    public static RunningServer start(Limits limits, RestLimits restLimits) {
        return start(limits, restLimits, ServerLimits.DEFAULT);
    }

    public static RunningServer start(Limits limits, RestLimits restLimits, ServerLimits serverLimits) {
        return start(limits, restLimits, serverLimits, TaskTypes.builtin());
    }

    /** A server that has these types and no others. */
    public static RunningServer start(TaskTypes types) {
        return start(Limits.DEFAULT, RestLimits.DEFAULT, ServerLimits.DEFAULT, types);
    }

    public static RunningServer start(TaskTypes types, ServerLimits serverLimits) {
        return start(Limits.DEFAULT, RestLimits.DEFAULT, serverLimits, types);
    }

    /** A server on this store. */
    public static RunningServer start(RestLimits restLimits, TaskStore store) {
        return start(Limits.DEFAULT, restLimits, TaskTypes.builtin(), store);
    }

    /** A server with these types, on this store. */
    public static RunningServer start(Limits limits, RestLimits restLimits, TaskTypes types, TaskStore store) {
        try {
            return new RunningServer(limits, restLimits, ServerLimits.DEFAULT, types, store);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RunningServer start(
            Limits limits, RestLimits restLimits, ServerLimits serverLimits, TaskTypes types) {
        try {
            return new RunningServer(limits, restLimits, serverLimits, types, TestStores.open(Retention.DEFAULT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InetSocketAddress freePort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** Where the TCP protocol is spoken. */
    public InetSocketAddress address() {
        return server.address();
    }

    public InetSocketAddress httpAddress() {
        return rest.address();
    }

    public URI httpUri(String pathAndQuery) {
        return URI.create("http://127.0.0.1:" + httpAddress().getPort() + pathAndQuery);
    }

    public RestServer rest() {
        return rest;
    }

    /** A request to the HTTP API, held against {@code openapi.yaml}. It asks for nothing compressed, and decodes nothing. */
    public RequestSpecification request() {
        return given().config(RestAssuredConfig.config()
                        .logConfig(LogConfig.logConfig()
                                // It keeps a copy of each answer, which it would make pretty whatever comes of it.
                                .enableLoggingOfRequestAndResponseIfValidationFails()
                                .enablePrettyPrinting(false))
                        .decoderConfig(DecoderConfig.decoderConfig().noContentDecoders()))
                .baseUri("http://127.0.0.1")
                .port(httpAddress().getPort())
                .contentType("application/json")
                .filter(OpenApiContract.FILTER);
    }

    /** Starts a worker that takes every type and computes what the code says; it ends with the server at the latest. */
    public TestWorker startWorker(TestWorker.Code code) {
        TestWorker worker = TestWorker.connect(address(), "test-worker", code);
        workers.add(worker);
        return worker;
    }

    /** Starts a worker that computes the types that ship. */
    public TestWorker startWorker() {
        return startWorker(TestWorker.SHIPPED_TYPES);
    }

    public Gateway gateway() {
        return server.gateway();
    }

    /** Makes the loop stand still, while the HTTP API stays open, until {@link #releaseLoop} or {@link #close}. */
    public void holdLoop() {
        turning.lock();
    }

    public void releaseLoop() {
        turning.unlock();
    }

    /** Each turn of the loop asks for the time first. */
    private long nowMs() {
        turning.lock();
        try {
            return clock.nowMs();
        } finally {
            turning.unlock();
        }
    }

    /** Stops the loop and leaves the HTTP API open. */
    public void stopLoop() {
        server.close();
    }

    @Override
    public void close() {
        while (turning.isHeldByCurrentThread()) {
            turning.unlock();
        }
        workers.forEach(TestWorker::close);
        rest.close();
        server.close();
    }
}
