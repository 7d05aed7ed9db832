package io.divvy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A file holds one idea, and then it has at most 400 lines. The lists of those that are not split yet only shrink. */
class FileLengthTest {
    private static final int MOST_LINES = 400;

    private static final Set<String> NOT_SPLIT_YET = Set.of();

    private static final Set<String> TESTS_NOT_SPLIT_YET = Set.of();

    @Test
    void noFileIsLongerThanItsIdea() throws IOException {
        check(Path.of("src/main/java/io/divvy"), NOT_SPLIT_YET);
    }

    @Test
    void noTestIsLongerThanItsIdea() throws IOException {
        check(Path.of("src/test/java/io/divvy"), TESTS_NOT_SPLIT_YET);
    }

    private static void check(Path folder, Set<String> notSplitYet) throws IOException {
        Set<String> tooLong;
        try (Stream<Path> files = Files.walk(folder)) {
            tooLong = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> lines(file) > MOST_LINES)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
        assertEquals(
                List.of(),
                tooLong.stream().filter(name -> !notSplitYet.contains(name)).toList(),
                "these have more than " + MOST_LINES + " lines; split them by what they are about");
        assertEquals(
                List.of(),
                notSplitYet.stream()
                        .filter(name -> !tooLong.contains(name))
                        .sorted()
                        .toList(),
                "these are short enough, or gone; take them off the list");
    }

    private static int lines(Path file) {
        try {
            return Files.readAllLines(file).size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
