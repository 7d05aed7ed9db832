package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** One sender, some workers, and subtasks that cost next to nothing: what sharing out costs, beside the peers. */
final class Sharing implements Shape {
    private static final double ROUND_SECONDS = 0.8;
    private static final double QUICK_ROUND_SECONDS = 0.1;
    private static final int WARM_UP_ROUNDS = 3;
    private static final int FIRST_SUBTASKS = 2_000;
    /** Of one round, whoever is measured: some peers keep all of it in memory. */
    private static final int MOST_SUBTASKS = 2_000_000;

    private final String name;
    private final String description;
    private final Function<ServerUnderTest, Contender> divvy;
    private final int workers;
    private final int window;
    private final Map<String, Target> targets;
    private final @Nullable Target cpuTarget;

    /**
     * @param targets by the names of the peers; {@code "best"} for the fastest of all
     * @param cpuTarget microseconds of the server's processor for one subtask
     */
    Sharing(
            String name,
            String description,
            Function<ServerUnderTest, Contender> divvy,
            int workers,
            int window,
            Map<String, Target> targets,
            @Nullable Target cpuTarget) {
        this.name = name;
        this.description = description;
        this.divvy = divvy;
        this.workers = workers;
        this.window = window;
        this.targets = targets;
        this.cpuTarget = cpuTarget;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Measurement measure(Bench bench, ServerUnderTest server) throws Exception {
        Contender own = divvy.apply(server);
        int count = count(bench, own);
        Map<Contender, Integer> peers = new LinkedHashMap<>();
        for (Contender peer : bench.peers()) {
            peers.put(peer, count(bench, peer));
        }
        Histogram waitsNanos = new Histogram(3);
        int rounds = bench.rounds();
        double[] speeds = new double[rounds];
        ServerUse use = new ServerUse(server.probe());
        Map<String, double[]> peerSpeeds = new LinkedHashMap<>();
        Map<String, double[]> peerCpus = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            use.begin();
            speeds[round] = run(own, count, waitsNanos);
            use.end(count);
            for (Map.Entry<Contender, Integer> entry : peers.entrySet()) {
                Contender peer = entry.getKey();
                int peerCount = entry.getValue();
                Duration cpuBefore = peer.processorTime();
                peerSpeeds.computeIfAbsent(peer.name(), key -> new double[rounds])[round] =
                        run(peer, peerCount, new Histogram(3));
                peerCpus.computeIfAbsent(peer.name(), key -> new double[rounds])[round] =
                        cpuMicros(cpuBefore, peer.processorTime(), peerCount);
            }
        }
        List<Comparison> comparisons = new ArrayList<>(comparisons(speeds, peerSpeeds));
        ServerUse.Each each = use.median();
        if (cpuTarget != null && each != null) {
            comparisons.add(Comparison.figure("server CPU, µs per subtask", each.cpuMicros(), cpuTarget));
        }
        peerCpus.forEach((peer, cpus) -> {
            double cpu = Rounds.median(cpus);
            if (!Double.isNaN(cpu)) {
                comparisons.add(Comparison.figure("server CPU of " + peer, cpu, null));
            }
        });
        return new Measurement(name, Rounds.median(speeds), "subtasks/s", waitsNanos, each, comparisons);
    }

    /** How many subtasks take about a second, once what serves them is warm. */
    private int count(Bench bench, Contender contender) throws Exception {
        double roundSeconds = bench.isQuick() ? QUICK_ROUND_SECONDS : ROUND_SECONDS;
        int count = FIRST_SUBTASKS;
        double leftSeconds = WARM_UP_ROUNDS * roundSeconds;
        while (leftSeconds > 0) {
            double speed = run(contender, count, new Histogram(3));
            leftSeconds -= count / speed;
            count = (int) Math.min(MOST_SUBTASKS, Math.max(FIRST_SUBTASKS, speed * roundSeconds));
        }
        return count;
    }

    private double run(Contender contender, int count, Histogram waitsNanos) throws Exception {
        long startNanos = System.nanoTime();
        long sum = contender.run(count, workers, window, waitsNanos);
        double speed = count / Rounds.seconds(startNanos);
        if (sum != SquareRange.sumOfAll(count)) {
            throw new IOException(name + ": the sum that " + contender.name() + " gave is wrong: " + sum);
        }
        return speed;
    }

    private static double cpuMicros(@Nullable Duration before, @Nullable Duration after, int count) {
        return before == null || after == null
                ? Double.NaN
                : after.minus(before).toNanos() / 1e3 / count;
    }

    private List<Comparison> comparisons(double[] speeds, Map<String, double[]> peerSpeeds) {
        List<Comparison> comparisons = new ArrayList<>();
        peerSpeeds.forEach((peer, others) -> comparisons.add(comparison(peer, speeds, others, targets.get(peer))));
        Target best = targets.get("best");
        if (best != null && !peerSpeeds.isEmpty()) {
            double[] fastest = new double[speeds.length];
            for (double[] others : peerSpeeds.values()) {
                for (int round = 0; round < fastest.length; round++) {
                    fastest[round] = Math.max(fastest[round], others[round]);
                }
            }
            comparisons.add(comparison("the best peer", speeds, fastest, best));
        }
        return comparisons;
    }

    /** The median of the ratios, each of two runs that follow each other. */
    private static Comparison comparison(String peer, double[] speeds, double[] others, @Nullable Target target) {
        double[] ratios = new double[speeds.length];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = speeds[round] / others[round];
        }
        return new Comparison(peer, Rounds.median(others), Rounds.median(ratios), target);
    }
}
