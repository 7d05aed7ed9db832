package io.divvy.attack;

import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import io.divvy.testing.TemporaryFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * How a good pair was served by a server while attackers were busy with it, or with a sink beside it.
 *
 * @param leadIn in the first seconds of the attack, in which the server compiles what the attack uses
 * @param service after that
 * @param worstHealthMs the longest that {@code /health} or {@code /ready} took
 * @param problems what must not be, each in one line; empty if nothing was
 * @param tally what the attackers sent and got
 */
record Phase(Service leadIn, Service service, long worstHealthMs, List<String> problems, String tally) {
    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final Duration LEAD_IN = Duration.ofSeconds(3);
    private static final double REFUSED_SHARE_MAX = 0.01;

    enum Victim {
        SERVER,
        SINK
    }

    /** @param prepared what the server is started with; its own copy of that goes with it */
    static Phase of(Attack attack, Prepared prepared, Duration time, Victim victim) throws Exception {
        Path data = copy(prepared.data());
        try (ServerProcess server = ServerProcess.on(data, "-Xmx" + attack.heapMb() + "m");
                RunningProcess sink = Processes.sink();
                GoodPair pair = new GoodPair(targetOf(server))) {
            pair.serve(WARM_UP);
            Target target = victim == Victim.SERVER ? targetOf(server) : Processes.targetOf(sink);
            try (HealthProbe probe = new HealthProbe(targetOf(server));
                    RunningProcess attackers = Processes.attack(attack, target, prepared.facts())) {
                Service leadIn = pair.serve(LEAD_IN);
                Service service = pair.serve(time);
                probe.close();
                List<String> problems = new ArrayList<>(leadIn.failures());
                problems.addAll(problems(attack, service, probe, server.process()));
                attackers.closeInput();
                String tally = attackers.awaitLine("^tally (.*)").group(1);
                return new Phase(leadIn, service, probe.worstMs(), problems, tally);
            }
        } finally {
            TemporaryFolders.delete(data);
        }
    }

    /**
     * What a server is given before it is attacked.
     *
     * @param facts what the attackers have to know of it
     */
    record Prepared(Path data, List<String> facts) implements AutoCloseable {
        private static final String ROOMY = "-Xmx2g";

        static Prepared by(Attack.Preparation preparation) throws IOException {
            Path data = Files.createTempDirectory("divvy-attacked");
            try (ServerProcess server = ServerProcess.on(data, ROOMY)) {
                List<String> facts = preparation.prepare(targetOf(server));
                server.process().terminate();
                server.process().awaitExit();
                return new Prepared(data, facts);
            }
        }

        @Override
        public void close() {
            TemporaryFolders.delete(data);
        }
    }

    private static Path copy(Path folder) throws IOException {
        Path copy = Files.createTempDirectory("divvy-attacked");
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private static Target targetOf(ServerProcess server) {
        String url = server.httpUrl();
        return new Target(server.port(), Integer.parseInt(url.substring(url.lastIndexOf(':') + 1)));
    }

    private static List<String> problems(Attack attack, Service service, HealthProbe probe, RunningProcess server) {
        List<String> problems = new ArrayList<>(service.failures());
        if (!attack.fillsTheServer() && service.refusedShare() > REFUSED_SHARE_MAX) {
            problems.add(String.format(
                    Locale.ROOT,
                    "%.0f %% of the good sender's tasks were refused as busy",
                    100 * service.refusedShare()));
        }
        if (!probe.failure().isEmpty()) {
            problems.add(probe.failure());
        } else if (probe.worstMs() > HealthProbe.BOUND.toMillis()) {
            problems.add("/health or /ready took " + probe.worstMs() + " ms");
        }
        if (!server.isAlive()) {
            problems.add("the server ended, exit code " + server.awaitExit() + ": " + lastLines(server.stderr()));
        }
        return problems;
    }

    private static String lastLines(List<String> lines) {
        return String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }
}
