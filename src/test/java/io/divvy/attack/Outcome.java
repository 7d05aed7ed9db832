package io.divvy.attack;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** The rounds of one attack. A round has a phase in which a sink is attacked, and one in which the server is. */
record Outcome(Attack attack, List<Round> rounds) {
    /** How much slower than beside a sink a good pair may be. */
    static final double RATIO_MAX = 2.0;
    /** Or how slow, whatever the sink costs. */
    static final long FINE_MICROS = 50_000;

    private static final double PERCENTILE = 99;

    record Round(Phase sink, Phase server) {}

    /** Medians of the rounds. */
    record Latency(double sinkMs, double serverMs, double ratio) {
        boolean isWithinBound() {
            return ratio <= RATIO_MAX || serverMs * 1_000 <= FINE_MICROS;
        }
    }

    /** From a submission over TCP to its answer. */
    Latency tcp() {
        return latency(service -> service.tcpMicros().getValueAtPercentile(PERCENTILE));
    }

    /** From a submission with a key over HTTP to its acceptance. */
    Latency http() {
        return latency(service -> service.httpMicros().getValueAtPercentile(PERCENTILE));
    }

    private Latency latency(ToLongFunction<Service> micros) {
        double[] sink = sorted(round -> micros.applyAsLong(round.sink().service()));
        double[] server = sorted(round -> micros.applyAsLong(round.server().service()));
        double[] ratio = sorted(round -> micros.applyAsLong(round.server().service())
                / (double) Math.max(1, micros.applyAsLong(round.sink().service())));
        return new Latency(median(sink) / 1_000, median(server) / 1_000, median(ratio));
    }

    private double[] sorted(ToDoubleFunction<Round> value) {
        return rounds.stream().mapToDouble(value).sorted().toArray();
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** In all rounds of attacks on the server. */
    long worstHealthMs() {
        return rounds.stream()
                .mapToLong(round -> round.server().worstHealthMs())
                .max()
                .orElse(0);
    }

    /** How much of what the good sender asked for was refused as {@code busy}, at most in one round. */
    double refusedShare() {
        return rounds.stream()
                .mapToDouble(round -> round.server().service().refusedShare())
                .max()
                .orElse(0);
    }

    /** Of the last round; the others are alike. */
    String tally() {
        return rounds.get(rounds.size() - 1).server().tally();
    }

    /** Why it does not pass; empty if it does. */
    List<String> findings() {
        return Stream.of(
                        late("TCP", tcp()),
                        late("HTTP", http()),
                        rounds.stream().flatMap(round -> round.server().problems().stream()))
                .flatMap(problems -> problems)
                .distinct()
                .toList();
    }

    private static Stream<String> late(String protocol, Latency latency) {
        return latency.isWithinBound()
                ? Stream.of()
                : Stream.of(String.format(
                        Locale.ROOT,
                        "p99 over %s: %.1f ms, %.1f times that beside a sink",
                        protocol,
                        latency.serverMs(),
                        latency.ratio()));
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: p99 over TCP %.1f ms (sink %.1f), over HTTP %.1f ms (sink %.1f), health %d ms, busy %.0f %%; %s; %s",
                attack,
                tcp().serverMs(),
                tcp().sinkMs(),
                http().serverMs(),
                http().sinkMs(),
                worstHealthMs(),
                100 * refusedShare(),
                tally(),
                findings().isEmpty() ? "passes" : "FAILS: " + findings());
    }
}
