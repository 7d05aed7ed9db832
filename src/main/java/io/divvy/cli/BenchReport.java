package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.bench.Comparison;
import io.divvy.bench.Measurement;
import io.divvy.bench.ServerUse;
import io.divvy.protocol.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** What a benchmark gave: each shape as soon as it is measured, all of them in a table, and all figures as JSON. */
final class BenchReport {
    private final boolean quick;
    private final List<Measurement> measurements = new ArrayList<>();

    /** @param quick whether so little was done that nothing is held against its target */
    BenchReport(boolean quick) {
        this.quick = quick;
    }

    /** Prints a shape with all that stands beside it. */
    void add(Measurement measurement) {
        measurements.add(measurement);
        print(measurement);
    }

    /** The shapes, a line each. */
    void printTable() {
        TextTable table =
                new TextTable("SHAPE", "SPEED", "UNIT", "P50_US", "P99_US", "P99.9_US", "CPU_US", "BYTES", "TARGETS");
        for (Measurement measurement : measurements) {
            ServerUse.Each use = measurement.serverUse();
            table.add(
                    measurement.shape(),
                    figure(measurement.value()),
                    measurement.unit(),
                    latency(measurement, 50),
                    latency(measurement, 99),
                    latency(measurement, 99.9),
                    use == null ? "" : figure(use.cpuMicros()),
                    use == null ? "" : figure(use.allocatedBytes()),
                    targets(measurement));
        }
        System.out.println();
        table.print(System.out);
    }

    private static String latency(Measurement measurement, double percentile) {
        Histogram nanos = measurement.latencyNanos();
        return nanos == null || nanos.getTotalCount() == 0 ? "" : figure(micros(nanos, percentile));
    }

    private String targets(Measurement measurement) {
        List<Comparison> held = measurement.comparisons().stream()
                .filter(comparison -> comparison.target() != null)
                .toList();
        if (quick || held.isEmpty()) {
            return "";
        }
        long missed =
                held.stream().filter(comparison -> !comparison.isReached()).count();
        return missed == 0 ? "reached" : missed + " of " + held.size() + " missed";
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

    /** All of it, for programs. */
    ObjectNode json() {
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
}
