package io.divvy.attack;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The figures of a run, for people and for programs, beside the jar that was attacked. */
final class AttackReport {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Duration time;
    private final List<Outcome> outcomes = new ArrayList<>();

    /** @param time of one phase */
    AttackReport(Duration time) {
        this.time = time;
    }

    void add(Outcome outcome) {
        outcomes.add(outcome);
    }

    /** Writes {@code attacks.md} and {@code attacks.json}. */
    void writeTo(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("attacks.md"), markdown());
        MAPPER.writerWithDefaultPrettyPrinter()
                .writeValue(folder.resolve("attacks.json").toFile(), json());
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        int rounds = outcomes.isEmpty() ? 0 : outcomes.get(0).rounds().size();
        text.append(String.format(
                Locale.ROOT,
                "%d rounds of %d s each way, %d processors, Java %s\n\n",
                rounds,
                time.toSeconds(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version")));
        text.append("| attack | heap, MB | TCP p99, ms: sink, server | ratio | HTTP p99, ms: sink, server | ratio"
                + " | slowest health, ms | busy | what attackers sent and got | |\n");
        text.append("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        for (Outcome outcome : outcomes) {
            text.append(String.format(
                    Locale.ROOT,
                    "| `%s` | %d | %.1f, %.1f | %.1f | %.1f, %.1f | %.1f | %d | %.0f %% | %s | %s |\n",
                    outcome.attack(),
                    outcome.attack().heapMb(),
                    outcome.tcp().sinkMs(),
                    outcome.tcp().serverMs(),
                    outcome.tcp().ratio(),
                    outcome.http().sinkMs(),
                    outcome.http().serverMs(),
                    outcome.http().ratio(),
                    outcome.worstHealthMs(),
                    100 * outcome.refusedShare(),
                    outcome.tally(),
                    outcome.findings().isEmpty() ? "passes" : "**fails**: " + String.join("; ", outcome.findings())));
        }
        return text.toString();
    }

    private ArrayNode json() {
        ArrayNode all = MAPPER.createArrayNode();
        for (Outcome outcome : outcomes) {
            ObjectNode attack = all.addObject();
            attack.put("attack", outcome.attack().name());
            attack.put("what", outcome.attack().what());
            attack.put("heap_mb", outcome.attack().heapMb());
            attack.put("seconds", time.toSeconds());
            ArrayNode rounds = attack.putArray("rounds");
            for (Outcome.Round round : outcome.rounds()) {
                ObjectNode both = rounds.addObject();
                put(both.putObject("sink"), round.sink());
                put(both.putObject("server"), round.server());
            }
            outcome.findings().forEach(attack.putArray("findings")::add);
        }
        return all;
    }

    private static void put(ObjectNode object, Phase phase) {
        object.put("tcp_p50_us", phase.service().tcpMicros().getValueAtPercentile(50));
        object.put("tcp_p99_us", phase.service().tcpMicros().getValueAtPercentile(99));
        object.put("tcp_max_us", phase.service().tcpMicros().getMaxValue());
        object.put("tcp_tasks", phase.service().tcpMicros().getTotalCount());
        object.put("http_p50_us", phase.service().httpMicros().getValueAtPercentile(50));
        object.put("http_p99_us", phase.service().httpMicros().getValueAtPercentile(99));
        object.put("http_max_us", phase.service().httpMicros().getMaxValue());
        object.put("http_tasks", phase.service().httpMicros().getTotalCount());
        object.put("lead_in_tcp_max_us", phase.leadIn().tcpMicros().getMaxValue());
        object.put("lead_in_http_max_us", phase.leadIn().httpMicros().getMaxValue());
        object.put("refused", phase.service().refused());
        object.put("slowest_health_ms", phase.worstHealthMs());
        object.put("tally", phase.tally());
        phase.problems().forEach(object.putArray("problems")::add);
    }
}
