package io.divvy.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.RunningProcess;
import io.divvy.testing.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs that the documents show compile and do what they say. Runs in the repository's root. */
class ClientDocumentsTest {
    private static final Pattern README_PROGRAM =
            Pattern.compile("```java\n(import io\\.divvy\\.client.*?)```", Pattern.DOTALL);
    private static final Pattern JAVADOC_PROGRAM =
            Pattern.compile("<pre>\\{@code\n(.*?)\n \\* }</pre>", Pattern.DOTALL);
    private static final String DEFAULT_PORT = "5000";

    @Test
    void theProgramOfTheReadmeSumsSquares(@TempDir Path folder) throws IOException {
        String program = firstMatch(README_PROGRAM, Path.of("README.md"));
        String imports = lines(program, true);
        String body = lines(program, false);
        assertTrue(body.strip().lines().count() <= 10, "ten lines are promised");
        runs(folder, imports + "class Readme { public static void main(String[] a) throws Exception {\n" + body + "}}");
    }

    @Test
    void theProgramOfTheClassCommentSumsSquares(@TempDir Path folder) throws IOException {
        String comment = firstMatch(JAVADOC_PROGRAM, Path.of("src/main/java/io/divvy/client/DivvyClient.java"));
        runs(folder, comment.replaceAll("(?m)^ \\* ?", ""));
    }

    private static void runs(Path folder, String program) throws IOException {
        try (RunningServer server = RunningServer.start()) {
            server.startWorker();
            String port = Integer.toString(server.address().getPort());
            Path file = folder.resolve("Program.java");
            Files.writeString(file, program.replace(DEFAULT_PORT, port));
            try (RunningProcess process = RunningProcess.of(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    classPath(),
                    file.toString()))) {
                assertEquals(0, process.awaitExit(), process::toString);
                assertEquals(List.of("333333833333500000"), process.stdout());
                assertTrue(
                        process.stderr().stream().anyMatch(line -> line.startsWith("submitted as ")),
                        process::toString);
            }
        }
    }

    /** Of this test, however it was started. */
    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    private static String lines(String program, boolean imports) {
        return program.lines()
                .filter(line -> line.startsWith("import ") == imports)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String firstMatch(Pattern pattern, Path document) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(document));
        assertTrue(matcher.find(), () -> document + " has nothing of the form " + pattern);
        return matcher.group(1);
    }
}
