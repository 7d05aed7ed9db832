package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
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
    private final String name;
    private final String description;
    private final Function<ServerUnderTest, Contender> divvy;
    private final Load load;
    private final Targets targets;

    /** @param window subtasks that each worker holds at once */
    record Load(int workers, int window) {}

    /**
     * What is to be reached.
     *
     * @param peers by their names; {@code "best"} for the fastest of all
     * @param cpuMicros of the server's processor for one subtask
     */
    record Targets(Map<String, Target> peers, @Nullable Target cpuMicros) {
        static Targets beside(Map<String, Target> peers) {
            return new Targets(peers, null);
        }
    }

    Sharing(String name, String description, Function<ServerUnderTest, Contender> divvy, Load load, Targets targets) {
        this.name = name;
        this.description = description;
        this.divvy = divvy;
        this.load = load;
        this.targets = targets;
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
        Histogram waitsNanos = new Histogram(3);
        Loading ownLoading = loading(own, waitsNanos);
        int count = ownLoading.warmUp(bench.isQuick());
        Map<Contender, Integer> peers = new LinkedHashMap<>();
        for (Contender peer : bench.peers()) {
            peers.put(peer, loading(peer, new Histogram(3)).warmUp(bench.isQuick()));
        }
        if (!bench.isQuick()) {
            Compilers.warmUp(server.probe(), () -> ownLoading.speed(count));
        }
        waitsNanos.reset();
        int rounds = bench.rounds();
        double[] speeds = new double[rounds];
        ServerUse use = new ServerUse(server.probe());
        Map<String, double[]> peerSpeeds = new LinkedHashMap<>();
        Map<String, double[]> peerCpus = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            use.begin();
            speeds[round] = ownLoading.speed(count);
            use.end(count);
            for (Map.Entry<Contender, Integer> entry : peers.entrySet()) {
                Contender peer = entry.getKey();
                int peerCount = entry.getValue();
                Duration cpuBefore = peer.processorTime();
                peerSpeeds.computeIfAbsent(peer.name(), key -> new double[rounds])[round] =
                        loading(peer, new Histogram(3)).speed(peerCount);
                peerCpus.computeIfAbsent(peer.name(), key -> new double[rounds])[round] =
                        cpuMicros(cpuBefore, peer.processorTime(), peerCount);
            }
        }
        List<Comparison> comparisons = new ArrayList<>(comparisons(speeds, peerSpeeds));
        ServerUse.Each each = use.median();
        Target cpuTarget = targets.cpuMicros();
        if (cpuTarget != null && each != null) {
            comparisons.add(Comparison.figure("server CPU, µs per subtask", each.cpuMicros(), cpuTarget));
        }
        peerCpus.forEach((peer, cpus) -> {
            double cpu = Rounds.median(cpus);
            if (!Double.isNaN(cpu)) {
                comparisons.add(Comparison.figure("server CPU of " + peer, cpu, null));
            }
        });
        return Measurement.of(name, Rounds.median(speeds), "subtasks/s")
                .withLatency(waitsNanos)
                .withServerUse(each)
                .withComparisons(comparisons);
    }

    private Loading loading(Contender contender, Histogram waitsNanos) {
        return new Loading(
                name + ": " + contender.name(),
                count -> contender.run(count, load.workers(), load.window(), waitsNanos));
    }

    private static double cpuMicros(@Nullable Duration before, @Nullable Duration after, int count) {
        return before == null || after == null
                ? Double.NaN
                : after.minus(before).toNanos() / 1e3 / count;
    }

    private List<Comparison> comparisons(double[] speeds, Map<String, double[]> peerSpeeds) {
        List<Comparison> comparisons = new ArrayList<>();
        peerSpeeds.forEach((peer, others) -> comparisons.add(
                Comparison.ofRounds(peer, speeds, others, targets.peers().get(peer))));
        Target best = targets.peers().get("best");
        if (best != null && !peerSpeeds.isEmpty()) {
            double[] fastest = new double[speeds.length];
            for (double[] others : peerSpeeds.values()) {
                for (int round = 0; round < fastest.length; round++) {
                    fastest[round] = Math.max(fastest[round], others[round]);
                }
            }
            comparisons.add(Comparison.ofRounds("the best peer", speeds, fastest, best));
        }
        return comparisons;
    }
}
