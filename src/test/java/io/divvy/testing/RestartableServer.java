package io.divvy.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;

/** The real jar as a server that keeps its tasks on disk. It can be killed and started again, with the same ports and data. */
public final class RestartableServer implements AutoCloseable {
    private final HttpClient http = HttpClient.newHttpClient();
    private final Deque<RunningProcess> others = new ArrayDeque<>();
    private final Path data;
    private RunningProcess process;
    private int port;
    private int httpPort;

    public RestartableServer() {
        try {
            data = Files.createTempDirectory("divvy-restartable");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
    }

    /** Returns once it listens. */
    public void start() {
        process = RunningProcess.divvy(
                "server",
                "--port",
                Integer.toString(port),
                "--http-port",
                Integer.toString(httpPort),
                "--data",
                data.toString());
        Matcher ports =
                process.awaitLine("listening on tcp://127\\.0\\.0\\.1:(\\d+) and http://127\\.0\\.0\\.1:(\\d+)");
        port = Integer.parseInt(ports.group(1));
        httpPort = Integer.parseInt(ports.group(2));
    }

    /** SIGKILL. Returns once it is dead. */
    public void kill() {
        process.kill();
        assertEquals(137, process.awaitExit(), "killed, 128 + 9");
        process.close();
    }

    public void restart() {
        kill();
        start();
    }

    public RunningProcess process() {
        return process;
    }

    public Path data() {
        return data;
    }

    public InetSocketAddress address() {
        return new InetSocketAddress("127.0.0.1", port);
    }

    /** A worker with one slot; returns once it is connected. */
    public RunningProcess startWorker(String name) {
        RunningProcess worker =
                keep(RunningProcess.divvy("worker", "--server", "127.0.0.1:" + port, "--slots", "1", "--name", name));
        worker.awaitLine("connected to");
        return worker;
    }

    public RunningProcess keep(RunningProcess other) {
        others.push(other);
        return other;
    }

    /** The body of an answer of the HTTP API, which has to be 200. */
    public JsonNode get(String path) throws IOException, InterruptedException {
        return answer(HttpRequest.newBuilder(), path);
    }

    /** The same of a change. */
    public JsonNode patch(String path, String json) throws IOException, InterruptedException {
        return answer(HttpRequest.newBuilder().method("PATCH", HttpRequest.BodyPublishers.ofString(json)), path);
    }

    private JsonNode answer(HttpRequest.Builder to, String path) throws IOException, InterruptedException {
        HttpRequest request =
                to.uri(URI.create("http://127.0.0.1:" + httpPort + path)).build();
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(200, response.statusCode(), () -> path + ": " + new String(response.body()));
        try {
            return Json.read(response.body(), 0, response.body().length);
        } catch (io.divvy.protocol.ProtocolException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        others.forEach(RunningProcess::close);
        process.close();
        TemporaryFolders.delete(data);
    }
}
