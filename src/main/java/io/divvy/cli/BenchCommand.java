package io.divvy.cli;

import io.divvy.bench.Bench;
import io.divvy.bench.Bench.Need;
import io.divvy.bench.Bench.Peer;
import io.divvy.bench.ServerUnderTest;
import io.divvy.protocol.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code divvy bench} */
@Command(
        name = "bench",
        description = {
            "Measures the server in several shapes of work, and prints a table.",
            "Each is measured beside what it is compared with, in the same run. Run it on a machine that does nothing else.",
        },
        mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--shape",
            paramLabel = "NAME",
            description = "Measure only this one; may be given several times. An unknown name lists them all.")
    private List<String> shapes = new ArrayList<>();

    @Option(names = "--quick", description = "Do a small part of the work: to see that it runs, not to compare.")
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write all figures to this file, as JSON.")
    private @Nullable Path jsonFile;

    @Option(
            names = "--server",
            paramLabel = "ADDRESS",
            converter = ServerAddress.Converter.class,
            description =
                    "Measure this server: HOST, HOST:PORT or the URL of its HTTP API; one is started for each shape if"
                            + " not given.")
    private @Nullable ServerAddress server;

    @Option(
            names = "--http",
            paramLabel = "URL",
            description =
                    "Where the HTTP API of that server is, for the shapes that use it; where the server says it is if"
                            + " not given.")
    private @Nullable URI http;

    @Option(
            names = "--server-pid",
            paramLabel = "PID",
            description =
                    "The process id of that server if it runs on this machine, to measure its processor time and memory.")
    private @Nullable Long serverPid;

    @Option(
            names = "--redis",
            paramLabel = "HOST:PORT",
            converter = HostAndPortOption.class,
            description = "Compare with Redis streams on this server.")
    private @Nullable InetSocketAddress redis;

    @Option(
            names = "--gearman",
            paramLabel = "HOST:PORT",
            converter = HostAndPortOption.class,
            description = "Compare with this gearmand.")
    private @Nullable InetSocketAddress gearman;

    @Option(
            names = "--beanstalk",
            paramLabel = "HOST:PORT",
            converter = HostAndPortOption.class,
            description = "Compare with this beanstalkd.")
    private @Nullable InetSocketAddress beanstalk;

    @Option(
            names = "--redis-on-disk",
            paramLabel = "HOST:PORT",
            converter = HostAndPortOption.class,
            description =
                    "Compare durable-queue with this Redis, which runs with --appendonly yes --appendfsync always.")
    private @Nullable InetSocketAddress redisOnDisk;

    @Option(
            names = "--beanstalk-on-disk",
            paramLabel = "HOST:PORT",
            converter = HostAndPortOption.class,
            description = "Compare durable-queue with this beanstalkd, which runs with -b FOLDER -f 0.")
    private @Nullable InetSocketAddress beanstalkOnDisk;

    @Override
    public Integer call() throws Exception {
        List<String> chosen = shapes.isEmpty() ? List.copyOf(Bench.shapes().keySet()) : shapes;
        requireKnown(chosen);
        requireOptions(chosen);
        if (server == null
                || chosen.stream().anyMatch(shape -> Bench.needs(shape).contains(Need.OWN_SERVER))) {
            ServerUnderTest.requireProbes();
        }
        requireWritable();
        BenchProcesses processes = new BenchProcesses();
        try {
            measure(chosen, new Bench(new Bench.Options(quick, named(chosen), peers(), peersOnDisk()), processes));
            return ExitCode.DONE;
        } catch (Exception e) {
            // That a child ends is no news where this process was told to end.
            if (processes.awaitStop()) {
                return ExitCode.INTERRUPTED;
            }
            throw e;
        }
    }

    private void measure(List<String> chosen, Bench bench) throws Exception {
        BenchReport report = new BenchReport(quick);
        for (String shape : chosen) {
            System.out.println(shape + ": " + Bench.shapes().get(shape));
            report.add(bench.measure(shape));
            // A run takes minutes: what a later shape meets must not cost what was measured.
            if (jsonFile != null) {
                try {
                    Files.write(jsonFile, Json.write(report.json()));
                } catch (IOException e) {
                    throw LocalFileException.writing("--json", jsonFile.toString(), e);
                }
            }
        }
        report.printTable();
    }

    private static void requireKnown(List<String> chosen) throws UsageException {
        for (String shape : chosen) {
            if (!Bench.shapes().containsKey(shape)) {
                throw new UsageException("--shape: expected one of "
                        + String.join(", ", Bench.shapes().keySet()) + ", got \"" + shape + "\"");
            }
        }
    }

    private void requireOptions(List<String> chosen) throws UsageException {
        if (server == null) {
            requireServerWith("--http");
            requireServerWith("--server-pid");
            return;
        }
        if (http != null) {
            requirePlain("--http", http);
        }
        for (String shape : chosen) {
            if (serverPid == null && Bench.needs(shape).contains(Need.PROBE)) {
                throw missing(shape, "looks into the process of the server: say which it is with --server-pid", chosen);
            }
        }
    }

    /** The clients of the benchmark speak plain HTTP on a bare socket. */
    private static void requirePlain(String option, URI api) throws UsageException {
        if (api.getPort() < 0 || !"http".equals(api.getScheme())) {
            throw new UsageException(option + ": expected an HTTP API at http://HOST:PORT, got " + api);
        }
    }

    /** What the environment gives to all commands is left alone here: it may be meant for others. */
    private void requireServerWith(String option) throws UsageException {
        if (Objects.requireNonNull(spec).commandLine().getParseResult().hasMatchedOption(option)) {
            throw new UsageException(
                    option + " says something of the server that --server names, but --server is missing:"
                            + " give both, or neither to measure a server that is started here");
        }
    }

    private UsageException missing(String shape, String need, List<String> chosen) {
        List<String> others = chosen.stream()
                .filter(other -> serverPid != null || !Bench.needs(other).contains(Need.PROBE))
                .map(other -> "--shape " + other)
                .toList();
        return new UsageException("the shape " + shape + " " + need
                + (others.isEmpty() ? "" : ", or leave it out: " + String.join(" ", others)));
    }

    private void requireWritable() throws LocalFileException {
        if (jsonFile == null) {
            return;
        }
        // What is there of an earlier run stays until there is something new.
        try (OutputStream out = Files.newOutputStream(jsonFile, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            out.flush();
        } catch (IOException e) {
            throw LocalFileException.writing("--json", jsonFile.toString(), e);
        }
    }

    private @Nullable ServerUnderTest named(List<String> chosen)
            throws IOException, InterruptedException, UsageException, RequestRefusedException {
        if (server == null) {
            return null;
        }
        if (serverPid != null && ProcessHandle.of(serverPid).isEmpty()) {
            throw new UsageException("--server-pid: no process " + serverPid + " runs on this machine");
        }
        InetSocketAddress tcp = server.findTcp();
        URI api = http;
        if (api == null && chosen.stream().anyMatch(shape -> Bench.needs(shape).contains(Need.HTTP))) {
            api = server.findHttp();
            requirePlain("--server", api);
        }
        try {
            return ServerUnderTest.of(tcp, api, serverPid);
        } catch (IOException e) {
            throw new IOException("--server-pid: " + e.getMessage(), e);
        }
    }

    private List<Peer> peers() {
        List<Peer> peers = new ArrayList<>();
        add(peers, Peer.Kind.REDIS, redis);
        add(peers, Peer.Kind.GEARMAN, gearman);
        add(peers, Peer.Kind.BEANSTALK, beanstalk);
        return peers;
    }

    private List<Peer> peersOnDisk() {
        List<Peer> peers = new ArrayList<>();
        add(peers, Peer.Kind.REDIS, redisOnDisk);
        add(peers, Peer.Kind.BEANSTALK, beanstalkOnDisk);
        return peers;
    }

    private static void add(List<Peer> peers, Peer.Kind kind, @Nullable InetSocketAddress address) {
        if (address != null) {
            peers.add(new Peer(kind, address));
        }
    }
}
