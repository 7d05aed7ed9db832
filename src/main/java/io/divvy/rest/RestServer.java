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
import java.net.ServerSocket;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.LowResourceMonitor;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP API of a running server: everything it does goes through the gateway. */
public final class RestServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RestServer.class);
    private static final int MIN_THREADS = 4;
    private static final int IDLE_THREAD_MS = 60_000;
    /**
     * Connections that wait to be taken. More of them would be worse: with 4,096, clients that connect and go at once filled all
     * places behind the backlog as well, and others were pushed out.
     */
    private static final int BACKLOG = 1_024;
    /** While the server closes, connections without a request are closed in this part of the time. */
    private static final int IDLE_PARTS_OF_STOP = 10;

    private final InetAddress host;
    private final RestLimits limits;
    private final QueuedThreadPool threads;
    private final AnswerThreads answers;

    private final HeldAnswers held;
    private final KnownHosts hosts;
    private final ClientConnections connections;
    private final SlowReplies slowReplies;
    /** Of streams: each has one piece of a result in memory while it has its turn. */
    private final Turns pieces;

    private final List<Route> routes;
    private final JettyProblems problems;
    private final Javalin javalin;

    private RestServer(InetSocketAddress address, Gateway gateway, RestLimits limits, KnownHosts hosts)
            throws IOException {
        this.host = address.getAddress();
        this.hosts = hosts;
        this.limits = limits;
        this.threads = new QueuedThreadPool(limits.threads(), MIN_THREADS, IDLE_THREAD_MS);
        this.threads.setName("divvy-http");
        this.answers = new AnswerThreads(limits.answerThreads());
        this.held = new HeldAnswers(gateway, limits);
        this.connections = new ClientConnections(limits.connections());
        this.slowReplies = new SlowReplies(limits.replyBytes(), limits.idleMs());
        this.pieces = new Turns(limits.pagesAtOnce());
        this.routes = new ArrayList<>(new TaskRoutes(gateway, limits, held, answers).routes());
        this.routes.addAll(new WorkerRoutes(gateway, limits, answers).routes());
        this.routes.addAll(new ServerRoutes(gateway, limits, answers).routes());
        this.problems = new JettyProblems(gateway.tcpAddress().getPort(), hosts);
        this.javalin = Javalin.create(config -> configure(config, address));
    }

    /** Listens and takes requests when this returns. A port of 0 picks a free one. */
    public static RestServer start(InetSocketAddress address, Gateway gateway, KnownHosts hosts) throws IOException {
        return start(address, gateway, RestLimits.DEFAULT, hosts);
    }

    /** The same with other limits. */
    public static RestServer start(InetSocketAddress address, Gateway gateway, RestLimits limits, KnownHosts hosts)
            throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("cannot listen on " + address.getHostString() + ": the name has no address");
        }
        requireFree(address);
        RestServer server = new RestServer(address, gateway, limits, hosts);
        try {
            server.javalin.start();
            return server;
        } catch (JavalinException e) {
            server.close(); // It has threads already, and perhaps the port.
            throw cannotListen(address, reason(e), e);
        } catch (RuntimeException | Error e) {
            server.close();
            throw e;
        }
    }

    /** What the web server would say of a port that is taken is long, and goes to the log. */
    private static void requireFree(InetSocketAddress address) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
        } catch (IOException e) {
            throw cannotListen(address, String.valueOf(e.getMessage()), e);
        }
    }

    private static IOException cannotListen(InetSocketAddress address, String reason, Exception cause) {
        String host = address.getAddress().getHostAddress();
        return new IOException(
                "cannot listen for HTTP on " + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort()
                        + ": " + reason,
                cause);
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
        held.close();
        try {
            javalin.stop();
        } catch (JavalinException e) {
            LOG.warn("closing the HTTP API: not all was written within {} ms: {}", limits.stopMs(), reason(e));
        } finally {
            slowReplies.close();
            answers.shutdown();
        }
    }

    /** How many answers are held until a task ends. */
    int openWaits() {
        return held.open();
    }

    /** How many connections are open. */
    int connections() {
        return connections.count();
    }

    /** Bytes of large replies that wait for their clients. */
    long waitingReplyBytes() {
        return slowReplies.waitingBytes();
    }

    /** How many times something was handed to the threads that make answers. */
    long answerTasks() {
        return answers.handedOver();
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
        config.jetty.modifyServletContextHandler(context -> context.setErrorHandler(problems));
        config.jetty.addConnector((server, http) -> connector(server, http, address.getPort()));
        routes.forEach(route -> addRoute(config, route));
        allowedMethods().forEach((path, methods) -> addOptions(config, path, methods));
        config.routes.exception(HttpResponseException.class, this::onHttpError);
        config.routes.exception(
                Exception.class, (e, context) -> sendSmall(Problem.of(e).toReply(), context));
    }

    private void limit(Server server) {
        // It would close connections early when threads are busy; the limits here are limits enough.
        server.getBeans(LowResourceMonitor.class).forEach(server::removeBean);
        server.setErrorHandler(problems);
        server.setStopTimeout(limits.stopMs());
    }

    private ServerConnector connector(Server server, HttpConfiguration http, int port) {
        http.addCustomizer((request, headers) -> ClientConnections.follow(request));
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http)) {
            @Override
            protected SocketChannelEndPoint newEndPoint(
                    SocketChannel channel, ManagedSelector selector, SelectionKey key) {
                ClientEndPoint client = new ClientEndPoint(channel, selector, key, getScheduler(), connections);
                connections.opened(client);
                return client;
            }
        };
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

    private void addOptions(JavalinConfig config, String path, String methods) {
        config.routes.addHttpHandler(HandlerType.OPTIONS, path, context -> {
            Problem complaint = hosts.complaint(context);
            if (complaint == null) {
                context.status(204).header("Allow", methods);
            } else {
                sendSmall(complaint.toReply(), context);
            }
        });
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
        boolean isQuick = route.terms().isQuick();
        Executor executor = isQuick ? threads : answers::executeHere;
        // What is quick is small and has no tag, so nothing of it is to be settled.
        UnaryOperator<Reply> settled = isQuick ? UnaryOperator.identity() : Negotiation.of(context)::settle;
        context.future(() -> answer(route, context)
                .handleAsync((reply, failure) -> written(reply, failure, settled), executor)
                .thenCompose(reply -> send(reply, context)));
    }

    private static Reply written(@Nullable Reply reply, @Nullable Throwable failure, UnaryOperator<Reply> settled) {
        try {
            return failure == null
                    ? settled.apply(Objects.requireNonNull(reply).written())
                    : Problem.of(failure).toReply();
        } catch (RuntimeException | Error e) {
            return Problem.of(e).toReply();
        }
    }

    /** Completes when nothing is left to do for it. */
    private CompletableFuture<Void> send(Reply reply, Context context) {
        ResultBody stream = reply.stream();
        if (stream != null) {
            return context.method().equals(HandlerType.HEAD)
                    ? sendHead(reply, stream, context)
                    : stream(reply, stream, context);
        }
        byte[] body = reply.body().get();
        if (body.length <= SlowReplies.SMALL_BYTES) {
            sendSmall(reply, context);
            return CompletableFuture.completedFuture(null);
        }
        begin(reply, context);
        // Said by hand: of a large body the web server would not say it.
        context.res().setContentLength(body.length);
        try {
            return slowReplies.write(body, context.res().getOutputStream(), ClientConnections.of(context));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static CompletableFuture<Void> sendHead(Reply reply, ResultBody body, Context context) {
        begin(reply, body, context);
        return CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<Void> stream(Reply reply, ResultBody body, Context context) {
        return slowReplies
                .room()
                .handle((room, refusal) -> Optional.ofNullable(refusal))
                .thenComposeAsync(
                        refusal -> {
                            if (refusal.isPresent()) {
                                return send(Problem.of(refusal.get()).toReply(), context);
                            }
                            begin(reply, body, context);
                            return slowReplies.stream(context, body, pieces, answers);
                        },
                        answers);
    }

    private static void begin(Reply reply, ResultBody body, Context context) {
        begin(reply, context);
        context.res().setContentLengthLong(body.length());
    }

    private static void sendSmall(Reply reply, Context context) {
        begin(reply, context);
        if (reply.contentType() != null) {
            context.result(reply.body().get());
        }
    }

    private static void begin(Reply reply, Context context) {
        context.status(reply.status());
        reply.headers().forEach(context::header);
        String contentType = reply.contentType();
        if (contentType == null) {
            context.res().setContentType(null);
        } else {
            context.contentType(contentType);
        }
    }

    private CompletableFuture<Reply> answer(Route route, Context context) {
        try {
            Problem complaint = hosts.complaint(context);
            if (complaint != null) {
                throw new ProblemException(complaint);
            }
            Parameters.requireOnly(route.terms().queryParameters(), context);
            AcceptedTypes.of(context).requireOneOf(route.terms().mediaTypes());
            return route.endpoint().answer(context);
        } catch (ProblemException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** No route has the path, or none has the method. */
    private void onHttpError(HttpResponseException e, Context context) {
        String request = context.method().name() + " " + context.path();
        Problem complaint = hosts.complaint(context);
        Problem problem = complaint != null
                ? complaint
                : switch (e.getStatus()) {
                    case 404 -> JettyProblems.noSuchPath(request);
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
        sendSmall(problem.toReply(), context);
    }
}
