package io.divvy.testing;

import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * A request and its answer, whichever client made it.
 *
 * @param uri at least a path, and the query if there is one; still encoded
 * @param requestBody empty if there is none
 * @param headers of the answer; upper and lower case do not matter
 */
public record HttpExchange(
        String method, URI uri, byte[] requestBody, int status, Map<String, String> headers, byte[] body) {

    static HttpExchange of(FilterableRequestSpecification request, Response response) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        response.headers().forEach(header -> headers.put(header.getName(), header.getValue()));
        Object body = request.getBody();
        return new HttpExchange(
                request.getMethod(),
                URI.create(request.getURI()),
                body instanceof byte[] bytes ? bytes : utf8(body == null ? "" : body.toString()),
                response.statusCode(),
                headers,
                decoded(headers, response.asByteArray()));
    }

    /** What the client would see. */
    private static byte[] decoded(Map<String, String> headers, byte[] body) {
        if (!headers.getOrDefault("Content-Encoding", "").equals("gzip") || body.length == 0) {
            return body;
        }
        try (InputStream gzip = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return gzip.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the body is not what Content-Encoding says", e);
        }
    }

    /** An exchange of the JDK's client, which does not give back what was sent. */
    public static HttpExchange of(HttpResponse<String> response, String requestBody) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        response.headers().map().forEach((name, values) -> headers.put(name, values.get(0)));
        return new HttpExchange(
                response.request().method(),
                response.uri(),
                utf8(requestBody),
                response.statusCode(),
                headers,
                utf8(response.body()));
    }

    /**
     * Reads one answer with a {@code Content-Length}, and leaves the connection open. Of several answers on one connection it
     * must be given the same buffered stream each time.
     */
    public static HttpExchange readAnswer(String method, String uri, String requestBody, InputStream in)
            throws IOException {
        InputStream bytes = in instanceof BufferedInputStream ? in : new BufferedInputStream(in);
        String status = line(bytes);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header = line(bytes); !header.isEmpty(); header = line(bytes)) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).strip(),
                    header.substring(colon + 1).strip());
        }
        byte[] body = bytes.readNBytes(Integer.parseInt(headers.getOrDefault("Content-Length", "0")));
        return new HttpExchange(
                method, URI.create(uri), utf8(requestBody), Integer.parseInt(status.split(" ")[1]), headers, body);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the answer ended after: " + line);
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8).strip();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    boolean succeeded() {
        return status < 300;
    }

    /** Without parameters such as a charset; empty if the answer does not say. */
    String mediaType() {
        return headers.getOrDefault("Content-Type", "").replaceAll(";.*", "").strip();
    }

    @Override
    public String toString() {
        return method + " " + uri + " -> " + status;
    }
}
