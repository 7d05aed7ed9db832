package io.divvy.scheduler.world;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Of each fault a seed whose world shows it, in a file: {@code 17 the fault}. It is tried first, which takes a small part of
 * the time of a search. After a change of the world it may not show the fault any more; then others are tried, and
 * {@code mvn test -Dtest=MutantsTest -Ddivvy.mutants=write} writes the file anew.
 */
final class KnownSeeds {
    /** Whether the first seed that shows each fault is looked for and written down. */
    static final boolean ARE_WRITTEN = "write".equals(System.getProperty("divvy.mutants"));

    private static final Path FILE = Path.of("src/test/resources/mutants.txt");

    private final Map<String, Long> byFault = new TreeMap<>();

    static KnownSeeds read() throws IOException {
        KnownSeeds known = new KnownSeeds();
        for (String line : Files.readAllLines(FILE)) {
            int space = line.indexOf(' ');
            known.put(line.substring(space + 1), Long.parseLong(line.substring(0, space)));
        }
        return known;
    }

    @Nullable
    Long of(String fault) {
        return byFault.get(fault);
    }

    void put(String fault, long seed) {
        byFault.put(fault, seed);
    }

    void write() throws IOException {
        Files.write(
                FILE,
                byFault.entrySet().stream()
                        .map(known -> known.getValue() + " " + known.getKey())
                        .toList());
    }
}
