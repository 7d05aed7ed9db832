package io.divvy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * While attackers do their worst, who means well is served: the p99 stays within twice what the same attack costs the pair if it
 * is sent to a sink beside a quiet server, or below 50 ms; {@code /health} and {@code /ready} answer within a second; nobody who
 * means well is cut off, or refused but where the bound is everybody's; the server lives. In the profile {@code attacks} only.
 *
 * <p>System properties: {@code divvy.attacks} names some of them, {@code divvy.attacks.seconds} is how long each lasts, {@code
 * divvy.attacks.rounds} how often each is done.
 */
@Tag("attacks")
class AttacksIT {
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("divvy.attacks.seconds", 30));
    private static final int ROUNDS = Integer.getInteger("divvy.attacks.rounds", 3);
    private static final AttackReport REPORT = new AttackReport(TIME);

    static Stream<Attack> attacks() {
        String names = System.getProperty("divvy.attacks", "");
        Set<String> chosen = Set.of(names.isBlank() ? new String[0] : names.split(","));
        chosen.forEach(Attacks::named);
        return Attacks.ALL.stream().filter(attack -> chosen.isEmpty() || chosen.contains(attack.name()));
    }

    /** After each, so that a run that is ended early has told what it found. */
    private static void report(Outcome outcome) throws Exception {
        REPORT.add(outcome);
        System.out.println(outcome);
        Path jar = Path.of(System.getProperty("divvy.jar")).toAbsolutePath();
        REPORT.writeTo(jar.resolveSibling("attacks"));
    }

    @AfterAll
    static void show() {
        System.out.println(REPORT.markdown());
    }

    @Timeout(value = 1, unit = TimeUnit.HOURS)
    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void senderAndWorkerAreServedDuringEachAttack(Attack attack) throws Exception {
        try (Phase.Prepared prepared = Phase.Prepared.by(attack.preparation())) {
            List<Outcome.Round> rounds = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                rounds.add(round(attack, prepared, round % 2 == 0));
            }
            Outcome outcome = new Outcome(attack, rounds);
            report(outcome);
            assertEquals(List.of(), outcome.findings());
        }
    }

    /** Which comes first changes from round to round, as the machine may be slower later. */
    private static Outcome.Round round(Attack attack, Phase.Prepared prepared, boolean sinkFirst) throws Exception {
        if (sinkFirst) {
            Phase sink = Phase.of(attack, prepared, TIME, Phase.Victim.SINK);
            return new Outcome.Round(sink, Phase.of(attack, prepared, TIME, Phase.Victim.SERVER));
        }
        Phase server = Phase.of(attack, prepared, TIME, Phase.Victim.SERVER);
        return new Outcome.Round(Phase.of(attack, prepared, TIME, Phase.Victim.SINK), server);
    }
}
