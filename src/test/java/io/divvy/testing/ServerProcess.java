package io.divvy.testing;

import io.divvy.client.DivvyClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;

/** The real jar as a server on free ports, with its workers; all of it ends with the test. */
public final class ServerProcess implements AutoCloseable {
    private final RunningProcess process;
    private final Deque<RunningProcess> others = new ArrayDeque<>();
    private final int port;
    private final String httpUrl;

    public ServerProcess(String... jvmFlags) {
        this(List.of(jvmFlags), Map.of());
    }

    /** One that keeps its tasks in this folder, which stays. */
    public static ServerProcess on(Path data, String... jvmFlags) {
        return new ServerProcess(List.of(jvmFlags), Map.of("DIVVY_DATA", data.toString()));
    }

    /** @param store as {@code --store} takes it */
    public static ServerProcess keeping(String store, Path data, String... jvmFlags) {
        return new ServerProcess(List.of(jvmFlags), Map.of("DIVVY_DATA", data.toString(), "DIVVY_STORE", store));
    }

    /** One with these environment variables. */
    public static ServerProcess with(Map<String, String> environment) {
        return new ServerProcess(List.of(), environment);
    }

    /** One that records its scheduler into this file. */
    public static ServerProcess recording(Path file, String store, Path data) {
        return new ServerProcess(
                List.of(),
                Map.of("DIVVY_RECORD", file.toString(), "DIVVY_DATA", data.toString(), "DIVVY_STORE", store));
    }

    private ServerProcess(List<String> jvmFlags, Map<String, String> environment) {
        process = RunningProcess.divvy(jvmFlags, environment, "server", "--port", "0", "--http-port", "0");
        Matcher addresses = process.awaitLine("listening on tcp://127\\.0\\.0\\.1:(\\d+) and (http://\\S+)");
        port = Integer.parseInt(addresses.group(1));
        httpUrl = addresses.group(2);
    }

    public int port() {
        return port;
    }

    public String httpUrl() {
        return httpUrl;
    }

    /** What {@code --server} takes. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    public RunningProcess process() {
        return process;
    }

    /** A worker with one slot; returns once it is connected. */
    public RunningProcess startWorker(String name) {
        RunningProcess worker =
                keep(RunningProcess.divvy("worker", "--server", address(), "--slots", "1", "--name", name));
        worker.awaitLine("connected to");
        return worker;
    }

    /** A command that talks to this server. */
    public RunningProcess run(String command, String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = command;
        all[1] = "--server";
        all[2] = address();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return keep(RunningProcess.divvy(all));
    }

    public DivvyClient connect() throws IOException {
        return DivvyClient.connect(new InetSocketAddress("127.0.0.1", port));
    }

    public RunningProcess keep(RunningProcess other) {
        others.push(other);
        return other;
    }

    @Override
    public void close() {
        others.forEach(RunningProcess::close);
        process.close();
    }
}
