package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.cli.HostAddresses.Place;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Asks the HTTP API of a server. What is not answered as wished becomes an exception that says why. */
final class RestClient {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    /** Longer than the server lets anybody wait. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(40);
    /** Of the TCP port, which answers to HTTP only to say that it is the wrong one. */
    private static final String WRONG_PORT = "bad_frame";

    private static final int NOT_FOUND = 404;

    private final URI base;
    private final HostAddresses addresses;
    private final Duration connectTimeout;
    /** Null until it is known how many addresses there are. */
    private @Nullable HttpClient http;

    /** @param base without a slash at the end */
    RestClient(URI base) {
        this(base, HostAddresses.of(base), CONNECT_TIMEOUT);
    }

    /** @param connectTimeout for all addresses together */
    RestClient(URI base, HostAddresses addresses, Duration connectTimeout) {
        this.base = base;
        this.addresses = addresses;
        this.connectTimeout = connectTimeout;
    }

    /** Where there is no TLS: to read the certificates that Java trusts is a good part of what a short command takes. */
    private static SSLContext withoutCertificates() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[0], new TrustManager[0], null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }

    ObjectNode get(String path) throws IOException, InterruptedException, RequestRefusedException {
        return exchange(request(path).GET());
    }

    ObjectNode post(String path) throws IOException, InterruptedException, RequestRefusedException {
        return exchange(request(path).POST(BodyPublishers.noBody()));
    }

    /** @param key under which it is not done twice, or null */
    ObjectNode postOnce(String path, @Nullable String key)
            throws IOException, InterruptedException, RequestRefusedException {
        HttpRequest.Builder request = request(path).POST(BodyPublishers.noBody());
        return exchange(key == null ? request : request.header("Idempotency-Key", key));
    }

    ObjectNode patch(String path, ObjectNode change) throws IOException, InterruptedException, RequestRefusedException {
        return exchange(request(path)
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofByteArray(Json.write(change))));
    }

    void delete(String path) throws IOException, InterruptedException, RequestRefusedException {
        HttpResponse<byte[]> response = send(request(path).DELETE(), BodyHandlers.ofByteArray());
        if (isRefused(response)) {
            throw refusal(response.statusCode(), response.body());
        }
    }

    /**
     * What is there, of whatever size. The caller closes its body.
     *
     * @param accepted media types, as HTTP has them
     */
    HttpResponse<InputStream> download(String path, String accepted)
            throws IOException, InterruptedException, RequestRefusedException {
        HttpResponse<InputStream> response = send(
                HttpRequest.newBuilder(URI.create(base + path))
                        .timeout(ANSWER_TIMEOUT)
                        .header("Accept", accepted)
                        .GET(),
                BodyHandlers.ofInputStream());
        if (isRefused(response)) {
            try (InputStream body = response.body()) {
                throw refusal(response.statusCode(), body.readAllBytes());
            }
        }
        return response;
    }

    /** Finds out whether there is a server. */
    void probe() throws IOException, InterruptedException, RequestRefusedException {
        exchange(request("/health").timeout(CONNECT_TIMEOUT).GET());
    }

    /** Where senders and workers connect to the same server. */
    InetSocketAddress tcpAddress() throws IOException, InterruptedException, RequestRefusedException {
        int port = exchange(request("/health").timeout(CONNECT_TIMEOUT).GET())
                .path("tcp_port")
                .asInt();
        if (port < 1) {
            throw new IOException(
                    "the server at " + base + " does not say where its TCP port is; name that with --server");
        }
        return InetSocketAddress.createUnresolved(base.getHost().replaceAll("^\\[(.*)]$", "$1"), port);
    }

    /** A text as a part of a path or a query. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(ANSWER_TIMEOUT)
                .header("Accept", "application/json");
    }

    private ObjectNode exchange(HttpRequest.Builder request)
            throws IOException, InterruptedException, RequestRefusedException {
        HttpResponse<byte[]> response = send(request, BodyHandlers.ofByteArray());
        if (isRefused(response)) {
            throw refusal(response.statusCode(), response.body());
        }
        return json(response.statusCode(), response.body());
    }

    private <T> HttpResponse<T> send(HttpRequest.Builder request, BodyHandler<T> body)
            throws IOException, InterruptedException {
        HttpRequest asked = request.build();
        List<Place> places = places(asked.uri());
        HttpClient client = client(places.size());
        IOException failure = null;
        for (Place place : places) {
            HttpRequest there = HttpRequest.newBuilder(asked, (name, value) -> true)
                    .uri(place.url())
                    .build();
            try {
                HttpResponse<T> response = send(client, there, body);
                addresses.prefer(place);
                return response;
            } catch (ConnectException | HttpConnectTimeoutException e) {
                failure = failure == null ? e : failure;
            }
        }
        throw NoServerException.at(
                base.toString(), failure == null ? new UnknownHostException(base.getHost()) : failure);
    }

    private List<Place> places(URI url) throws IOException {
        try {
            return addresses.places(url);
        } catch (UnknownHostException e) {
            throw NoServerException.at(base.toString(), e);
        }
    }

    /** Tries an address for its part of the time: one that swallows what is sent to it must not use up that of the others. */
    private synchronized HttpClient client(int addressCount) {
        Duration part = connectTimeout.dividedBy(addressCount);
        if (http == null || !part.equals(http.connectTimeout().orElse(null))) {
            HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(part);
            http = ("http".equalsIgnoreCase(base.getScheme()) ? client.sslContext(withoutCertificates()) : client)
                    .build();
        }
        return http;
    }

    /** @throws ConnectException or {@link HttpConnectTimeoutException} if nobody is there */
    private <T> HttpResponse<T> send(HttpClient client, HttpRequest asked, BodyHandler<T> body)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<T>> answer = client.sendAsync(asked, body);
        try {
            // Of the request's own timeout the body is no part.
            return answer.get(asked.timeout().orElse(ANSWER_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ConnectException nobody) {
                throw nobody;
            }
            if (e.getCause() instanceof HttpConnectTimeoutException nobody) {
                throw nobody;
            }
            if (e.getCause() instanceof RuntimeException fault) {
                throw fault;
            }
            throw NoServerException.at(
                    base.toString(), e.getCause() instanceof IOException cause ? cause : new IOException(e));
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw NoServerException.at(base.toString(), new IOException("it did not answer in time", e));
        }
    }

    private static boolean isRefused(HttpResponse<?> response) {
        return response.statusCode() >= 300;
    }

    private RequestRefusedException refusal(int status, byte[] body) throws IOException, InterruptedException {
        ObjectNode problem = json(status, body);
        String code = problem.path("code").asText();
        if (code.isEmpty()) {
            throw new IOException("no Divvy server at " + base + ": it answered " + status
                    + " with something that is none of its errors; name a server with --server");
        }
        String detail = problem.path("detail").asText("status " + status);
        if (code.equals(WRONG_PORT)) {
            throw NoServerException.atTcpPort(base);
        }
        if (status == NOT_FOUND && !base.getRawPath().isEmpty() && !hasHealth()) {
            throw NoServerException.atPath(base);
        }
        return RequestRefusedException.ofStatus(status, code, detail);
    }

    /** Tells a path under which there is nothing from a task that is not there. */
    private boolean hasHealth() throws IOException, InterruptedException {
        return send(request("/health"), BodyHandlers.discarding()).statusCode() != NOT_FOUND;
    }

    private ObjectNode json(int status, byte[] body) throws IOException {
        try {
            return Json.readObject(body, 0, body.length);
        } catch (ProtocolException e) {
            throw new IOException(
                    "no Divvy server at " + base + ": it answered " + status
                            + " with something that is not JSON; name a server with --server",
                    e);
        }
    }
}
