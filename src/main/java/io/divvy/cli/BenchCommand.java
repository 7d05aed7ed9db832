package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.bench.Bench;
import io.divvy.bench.Bench.Child;
import io.divvy.bench.Bench.Peer;
import io.divvy.bench.Bench.Started;
import io.divvy.bench.Comparison;
import io.divvy.bench.Measurement;
import io.divvy.bench.Reference;
import io.divvy.bench.ServerUnderTest;
import io.divvy.bench.ServerUse;
import io.divvy.protocol.Json;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code divvy bench} */
@Command(
        name = "bench",
        description = "Measures the server in several shapes of work, each beside what it is compared with in the same"
                + " run, and prints a table. Run it on a machine that does nothing else.",
        mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
    private static final Pattern READY = Pattern.compile("tcp://(127\\.0\\.0\\.1):(\\d+) and (http://\\S+)");
    private static final Pattern WORKER_READY = Pattern.compile("connected to");

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
            paramLabel = "HOST:PORT",
            converter = ServerAddress.Converter.class,
            description = "Measure this server; one is started for each shape if not given.")
    private @Nullable InetSocketAddress server;

    @Option(
            names = "--http",
            paramLabel = "URL",
            converter = HttpAddress.Converter.class,
            description = "Where the REST API of that server is, for the shapes that use it.")
    private @Nullable URI http;

    @Option(
            names = "--server-pid",
            paramLabel = "PID",
            description = "The process of that server if it runs on this machine, for what it uses and allocates.")
    private @Nullable Long serverPid;

    @Option(
            names = "--redis",
            paramLabel = "HOST:PORT",
            converter = ServerAddress.Converter.class,
            description = "Compare with Redis streams on this server.")
    private @Nullable InetSocketAddress redis;

    @Option(
            names = "--gearman",
            paramLabel = "HOST:PORT",
            converter = ServerAddress.Converter.class,
            description = "Compare with this gearmand.")
    private @Nullable InetSocketAddress gearman;

    @Option(
            names = "--beanstalk",
            paramLabel = "HOST:PORT",
            converter = ServerAddress.Converter.class,
            description = "Compare with this beanstalkd.")
    private @Nullable InetSocketAddress beanstalk;

    @Override
    public Integer call() throws Exception {
        List<String> chosen = shapes.isEmpty() ? List.copyOf(Bench.shapes().keySet()) : shapes;
        for (String shape : chosen) {
            if (!Bench.shapes().containsKey(shape)) {
                throw new UsageException("--shape: expected one of "
                        + String.join(", ", Bench.shapes().keySet()) + ", got " + shape);
            }
        }
        ServerUnderTest named = server == null ? null : ServerUnderTest.of(server, http, serverPid);
        Bench bench = new Bench(new Bench.Options(quick, named, peers()), new Processes());
        List<Measurement> measurements = new ArrayList<>();
        for (String shape : chosen) {
            System.out.println(shape + ": " + Bench.shapes().get(shape));
            Measurement measurement = bench.measure(shape);
            measurements.add(measurement);
            print(measurement);
        }
        if (jsonFile != null) {
            Files.write(jsonFile, Json.write(json(measurements)));
        }
        return ExitCode.DONE;
    }

    private List<Peer> peers() {
        List<Peer> peers = new ArrayList<>();
        add(peers, Peer.Kind.REDIS, redis);
        add(peers, Peer.Kind.GEARMAN, gearman);
        add(peers, Peer.Kind.BEANSTALK, beanstalk);
        return peers;
    }

    private static void add(List<Peer> peers, Peer.Kind kind, @Nullable InetSocketAddress address) {
        if (address != null) {
            peers.add(new Peer(kind, address));
        }
    }

    private void print(Measurement measurement) {
        System.out.printf(Locale.ROOT, "    %s %s", figure(measurement.value()), measurement.unit());
        Histogram latency = measurement.latencyNanos();
        if (latency != null && latency.getTotalCount() > 0) {
            System.out.printf(
                    Locale.ROOT,
                    "; p50 %s µs, p99 %s µs, p99.9 %s µs",
                    figure(micros(latency, 50)),
                    figure(micros(latency, 99)),
                    figure(micros(latency, 99.9)));
        }
        ServerUse.Each use = measurement.serverUse();
        if (use != null) {
            System.out.printf(
                    Locale.ROOT,
                    "; server CPU %s µs each, %s bytes allocated",
                    figure(use.cpuMicros()),
                    figure(use.allocatedBytes()));
        }
        System.out.println();
        for (Comparison comparison : measurement.comparisons()) {
            String reference = Double.isNaN(comparison.reference()) ? "" : figure(comparison.reference());
            System.out.printf(
                    Locale.ROOT,
                    "    %-34s %12s  %8s%s%n",
                    comparison.what(),
                    reference,
                    figure(comparison.value()) + (reference.isEmpty() ? "" : " ×"),
                    comparison.target() == null || quick
                            ? ""
                            : "  target " + comparison.target() + (comparison.isReached() ? "" : "  MISSED"));
        }
    }

    /** Two or three digits that count; whole numbers from a hundred on. */
    private static String figure(double value) {
        double size = Math.abs(value);
        String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 0.1 || size == 0 ? "%.2f" : "%.2g";
        return String.format(Locale.ROOT, format, value);
    }

    private static double micros(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }

    private ObjectNode json(List<Measurement> measurements) {
        ObjectNode report = Json.MAPPER.createObjectNode();
        report.put("version", Main.version());
        report.put("quick", quick);
        report.put("processors", Runtime.getRuntime().availableProcessors());
        report.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        report.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        ArrayNode list = report.putArray("shapes");
        measurements.forEach(measurement -> add(list, measurement));
        return report;
    }

    private static void add(ArrayNode list, Measurement measurement) {
        ObjectNode shape = list.addObject();
        shape.put("name", measurement.shape());
        shape.put("value", measurement.value());
        shape.put("unit", measurement.unit());
        Histogram latency = measurement.latencyNanos();
        if (latency != null && latency.getTotalCount() > 0) {
            shape.put("p50_us", micros(latency, 50));
            shape.put("p99_us", micros(latency, 99));
            shape.put("p999_us", micros(latency, 99.9));
        }
        ServerUse.Each use = measurement.serverUse();
        if (use != null) {
            shape.put("server_cpu_us", use.cpuMicros());
            shape.put("server_allocated_bytes", use.allocatedBytes());
        }
        ArrayNode comparisons = shape.putArray("comparisons");
        for (Comparison comparison : measurement.comparisons()) {
            ObjectNode entry = comparisons.addObject();
            entry.put("with", comparison.what());
            if (!Double.isNaN(comparison.reference())) {
                entry.put("reference", comparison.reference());
            }
            entry.put("value", comparison.value());
            Comparison.Target target = comparison.target();
            if (target != null) {
                entry.put(target.isLeast() ? "at_least" : "at_most", target.bound());
                entry.put("reached", comparison.isReached());
            }
        }
    }

    /** Processes of this program, that end with this one. */
    private static final class Processes implements Bench.Launcher {
        @Override
        public Started server(String heap, Bench.Keeping keeping) throws IOException, InterruptedException {
            if (keeping == Bench.Keeping.IN_MEMORY) {
                return started("server", heap, "server", "--port", "0", "--http-port", "0", "--store", "memory");
            }
            Path data = Files.createTempDirectory("divvy-bench");
            Started server =
                    started("server", heap, "server", "--port", "0", "--http-port", "0", "--data", data.toString());
            return new Started(
                    () -> {
                        server.close();
                        delete(data);
                    },
                    server.pid(),
                    server.address(),
                    server.http());
        }

        private static void delete(Path data) {
            try (Stream<Path> files = Files.walk(data)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            } catch (IOException e) {
                System.err.println("divvy: " + data + " cannot be deleted: " + e.getMessage());
            }
        }

        @Override
        public Started reference(Reference reference) throws IOException, InterruptedException {
            return started("reference", "1g", "bench-reference", reference.name());
        }

        @Override
        public Child worker(InetSocketAddress server, String name, int slots) throws IOException, InterruptedException {
            ChildProcess process = new ChildProcess(
                    "worker",
                    "256m",
                    WORKER_READY,
                    "worker",
                    "--server",
                    server.getHostString() + ":" + server.getPort(),
                    "--slots",
                    Integer.toString(slots),
                    "--name",
                    name);
            awaitOrStop(process);
            return process::stop;
        }

        private static Started started(String name, String heap, String... arguments)
                throws IOException, InterruptedException {
            ChildProcess process = new ChildProcess(name, heap, READY, arguments);
            Matcher ready = awaitOrStop(process);
            return new Started(
                    process::stop,
                    process.pid(),
                    new InetSocketAddress(ready.group(1), Integer.parseInt(ready.group(2))),
                    URI.create(ready.group(3)));
        }

        private static Matcher awaitOrStop(ChildProcess process) throws IOException, InterruptedException {
            try {
                return process.awaitAnnouncement();
            } catch (IOException | InterruptedException e) {
                process.stop();
                throw e;
            }
        }
    }
}
