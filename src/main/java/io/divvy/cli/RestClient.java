package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks the REST API of a server. What is not answered as wished becomes an exception that says why. */
final class RestClient {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    /** Longer than the server lets anybody wait. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(40);

    private final URI base;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

    RestClient(URI base) {
        this.base = base;
    }

    ObjectNode get(String path) throws IOException, InterruptedException, RequestRefusedException {
        return exchange(request(path).GET());
    }

    ObjectNode post(String path) throws IOException, InterruptedException, RequestRefusedException {
        return exchange(request(path).POST(BodyPublishers.noBody()));
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
        HttpResponse<byte[]> response;
        try {
            response = http.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new IOException(
                    "no Divvy server at " + base + " (" + reason(e)
                            + "); start one with \"divvy server\" or name another with --http",
                    e);
        }
        ObjectNode answer;
        try {
            answer = Json.readObject(response.body(), 0, response.body().length);
        } catch (ProtocolException e) {
            throw new IOException(
                    "no Divvy server at " + base + ": it answered " + response.statusCode()
                            + " with something that is not JSON; name the REST API of a server with --http",
                    e);
        }
        if (response.statusCode() >= 300) {
            throw new RequestRefusedException(
                    answer.path("code").asText(), answer.path("detail").asText("status " + response.statusCode()));
        }
        return answer;
    }

    private static String reason(IOException failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
