package io.divvy.attack;

import java.io.IOException;
import java.util.List;

/**
 * A process that runs one attack. Arguments: its name, the TCP port, the HTTP port, what was prepared. Says {@code attacking},
 * goes on until its standard input ends, and says what it sent and got: {@code tally …}.
 */
final class Attacker {
    /** The exit code of an attack that is wrong itself: else it would be taken for one that the server withstands. */
    private static final int BROKEN = 3;

    private Attacker() {}

    public static void main(String... args) throws IOException {
        endWithTheFirstMistake();
        List<String> arguments = List.of(args);
        Target target = new Target(Integer.parseInt(arguments.get(1)), Integer.parseInt(arguments.get(2)));
        Crowd crowd = new Crowd(target, arguments.subList(3, arguments.size()));
        System.out.println("attacking");
        Attacks.named(arguments.get(0)).code().start(crowd);
        while (System.in.read() >= 0) {}
        System.out.println("tally " + crowd.tally());
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    static void endWithTheFirstMistake() {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            failure.printStackTrace();
            Runtime.getRuntime().halt(BROKEN);
        });
    }
}
