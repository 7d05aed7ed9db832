package io.divvy.rest;

import io.divvy.protocol.ErrorCode;
import io.divvy.server.Gateway;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.LowResourceMonitor;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP door of a running server: everything it does goes through the gateway. */
public final class RestServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RestServer.class);
    private static final int MIN_THREADS = 4;
    private static final int IDLE_THREAD_MS = 60_000;
    private static final int BACKLOG = 1_024;
    /** While the door closes, connections without a request are closed in this part of the time. */
    private static final int IDLE_PARTS_OF_STOP = 10;

    private final InetAddress host;
    private final RestLimits limits;
    private final QueuedThreadPool threads;
    private final EndWaits waits;
    private final List<Route> routes;
    private final Javalin javalin;

    private RestServer(InetSocketAddress address, Gateway gateway, RestLimits limits) throws IOException {
        this.host = address.getAddress();
        this.limits = limits;
        this.threads = new QueuedThreadPool(limits.threads(), MIN_THREADS, IDLE_THREAD_MS);
        this.threads.setName("divvy-http");
        this.waits = new EndWaits(gateway, limits.answerMs());
        this.routes = new ArrayList<>(new TaskRoutes(gateway, limits, waits, threads).routes());
        this.routes.addAll(new WorkerRoutes(gateway, limits, threads).routes());
        this.routes.addAll(new ServerRoutes(gateway, limits).routes());
        this.javalin = Javalin.create(config -> configure(config, address));
    }

    /** Opens the door; it takes requests when this returns. A port of 0 picks a free one. */
    public static RestServer start(InetSocketAddress address, Gateway gateway) throws IOException {
        return start(address, gateway, RestLimits.DEFAULT);
    }

    public static RestServer start(InetSocketAddress address, Gateway gateway, RestLimits limits) throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("cannot listen on " + address.getHostString() + ": the name has no address");
        }
        RestServer server = new RestServer(address, gateway, limits);
        try {
            server.javalin.start();
        } catch (JavalinException e) {
            throw new IOException("cannot listen for HTTP on " + address + ": " + reason(e), e);
        }
        return server;
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** Where it listens, with the port that it got. */
    public InetSocketAddress address() {
        return new InetSocketAddress(host, javalin.port());
    }

    /** Answers what is held, waits shortly for answers on their way, closes all connections. */
    @Override
    public void close() {
        waits.close();
        try {
            javalin.stop();
        } catch (JavalinException e) {
            LOG.warn("closing the HTTP door: not all was written within {} ms: {}", limits.stopMs(), reason(e));
        }
    }

    /** How many answers are held until a task ends. */
    int openWaits() {
        return waits.open();
    }

    List<Route> routes() {
        return List.copyOf(routes);
    }

    private void configure(JavalinConfig config, InetSocketAddress address) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.prefer405over404 = true;
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.jetty.threadPool = threads;
        config.jetty.modifyServer(this::limit);
        config.jetty.modifyServletContextHandler(context -> context.setErrorHandler(new JettyProblems()));
        config.jetty.addConnector((server, http) -> connector(server, http, address.getPort()));
        routes.forEach(route -> addRoute(config, route));
        allowedMethods().forEach((path, methods) -> addOptions(config, path, methods));
        config.routes.exception(HttpResponseException.class, RestServer::onHttpError);
        config.routes.exception(
                Exception.class, (e, context) -> Problem.of(e).toReply().send(context));
    }

    private void limit(Server server) {
        // It would close connections early when threads are busy; the limits here are limits enough.
        server.getBeans(LowResourceMonitor.class).forEach(server::removeBean);
        server.addBean(new NetworkConnectionLimit(limits.connections(), server));
        server.setErrorHandler(new JettyProblems());
        server.setStopTimeout(limits.stopMs());
    }

    private ServerConnector connector(Server server, HttpConfiguration http, int port) {
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(host.getHostAddress());
        connector.setPort(port);
        connector.setAcceptQueueSize(BACKLOG);
        connector.setIdleTimeout(limits.idleMs());
        connector.setShutdownIdleTimeout(limits.stopMs() / IDLE_PARTS_OF_STOP);
        return connector;
    }

    private void addRoute(JavalinConfig config, Route route) {
        config.routes.addHttpHandler(route.method(), route.path(), context -> serve(route, context));
        if (route.method().equals(HandlerType.GET)) {
            // The same answer, of which Jetty sends the head only.
            config.routes.addHttpHandler(HandlerType.HEAD, route.path(), context -> serve(route, context));
        }
    }

    private static void addOptions(JavalinConfig config, String path, String methods) {
        config.routes.addHttpHandler(
                HandlerType.OPTIONS, path, context -> context.status(204).header("Allow", methods));
    }

    private Map<String, String> allowedMethods() {
        return routes.stream()
                .collect(Collectors.groupingBy(
                        Route::path,
                        LinkedHashMap::new,
                        Collectors.flatMapping(RestServer::methods, Collectors.joining(", ", "", ", OPTIONS"))));
    }

    private static Stream<String> methods(Route route) {
        String method = route.method().name();
        return route.method().equals(HandlerType.GET) ? Stream.of(method, "HEAD") : Stream.of(method);
    }

    private void serve(Route route, Context context) {
        context.future(() -> answer(route, context)
                .handleAsync(
                        (reply, failure) -> {
                            (failure == null ? reply : Problem.of(failure).toReply()).send(context);
                            return true;
                        },
                        threads));
    }

    private static CompletableFuture<Reply> answer(Route route, Context context) {
        try {
            Parameters.requireOnly(route.queryParameters(), context);
            return route.endpoint().answer(context);
        } catch (ProblemException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** No route has the path, or none has the method. */
    private static void onHttpError(HttpResponseException e, Context context) {
        String request = context.method().name() + " " + context.path();
        Problem problem =
                switch (e.getStatus()) {
                    case 404 ->
                        new Problem(
                                ErrorCode.NOT_FOUND, request + ": there is no such path; GET /openapi.yaml lists all");
                    case 405 -> {
                        // The one detail is the list of methods; its name depends on what the client accepts.
                        String allowed = String.join(", ", e.getDetails().values());
                        yield new Problem(
                                405,
                                ErrorCode.BAD_MESSAGE,
                                request + ": the path has no such method; expected " + allowed,
                                Map.of("Allow", allowed));
                    }
                    default -> JettyProblems.problem(e.getStatus(), e.getMessage());
                };
        LOG.debug("{}: {}", request, problem.detail());
        problem.toReply().send(context);
    }
}
