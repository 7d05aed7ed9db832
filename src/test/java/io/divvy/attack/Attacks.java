package io.divvy.attack;

import java.util.List;
import java.util.stream.Stream;

/** All attacks, in the order of the report. */
final class Attacks {
    static final List<Attack> ALL = Stream.of(
                    SenderAttacks.ALL, WorkerAttacks.ALL, ReaderAttacks.ALL, ConnectionAttacks.ALL)
            .flatMap(List::stream)
            .toList();

    private Attacks() {}

    static Attack named(String name) {
        return ALL.stream()
                .filter(attack -> attack.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no attack " + name + "; there are " + ALL));
    }
}
