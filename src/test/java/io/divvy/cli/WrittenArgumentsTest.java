package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arguments that the JVM could not read in the encoding of its locale. */
class WrittenArgumentsTest {
    @TempDir
    Path folder;

    private Path kept;

    @BeforeEach
    void name() {
        kept = folder.resolve("cmdline");
    }

    /** As Linux keeps them. */
    private void write(Charset encoding, String... arguments) throws IOException {
        Files.write(kept, (String.join("\0", arguments) + "\0").getBytes(encoding));
    }

    private static String[] asciiOf(String... arguments) {
        String[] decoded = arguments.clone();
        for (int i = 0; i < decoded.length; i++) {
            decoded[i] = new String(decoded[i].getBytes(StandardCharsets.UTF_8), StandardCharsets.US_ASCII);
        }
        return decoded;
    }

    private UsageException refused(String... decoded) {
        return assertThrows(UsageException.class, () -> WrittenArguments.of(decoded, kept));
    }

    @Test
    void argumentsThatTheLocaleCannotReadAreReadFromTheCommandLineFile() throws Exception {
        String[] written = {"submit", "", "-p", "texts=[\"h\u00e9llo \u65e5\u672c \ud83d\ude00\"]", "a\ufffdb", "end"};
        write(
                StandardCharsets.UTF_8,
                "java",
                "-jar",
                "divvy.jar",
                written[0],
                written[1],
                written[2],
                written[3],
                written[4],
                written[5]);
        assertArrayEquals(written, WrittenArguments.of(asciiOf(written), kept));
    }

    @Test
    void argumentsThatTheLocaleCanReadAreKept() throws Exception {
        String[] latin = {"h\u00e9llo"};
        write(StandardCharsets.ISO_8859_1, "java", "h\u00e9llo");
        assertArrayEquals(latin, WrittenArguments.of(latin, kept));
        assertArrayEquals(new String[0], WrittenArguments.of(new String[0], kept));
    }

    @Test
    void argumentsThatAreNotUtf8AreRefused() throws Exception {
        write(StandardCharsets.ISO_8859_1, "java", "h\u00e9llo");
        UsageException refused = refused("h\ufffdllo");
        assertTrue(refused.getMessage().startsWith("argument h\ufffdllo cannot be read: "), refused.getMessage());
        assertTrue(refused.getMessage().contains("LC_ALL=C.UTF-8"), refused.getMessage());
    }

    @Test
    void unreadableArgumentsAreRefusedWithoutTheirCommandLineFile() throws Exception {
        refused("h\ufffdllo"); // No such file.
        write(StandardCharsets.UTF_8, "other");
        refused("h\ufffdllo");
        refused("one more", "h\ufffdllo");
        Files.write(kept, new byte[0]);
        refused("h\ufffdllo");
    }

    @Test
    void anEnvironmentVariableThatCannotBeReadIsRefused() throws Exception {
        WrittenArguments.requireReadable(Map.of("OTHER", "h\ufffdllo", "DIVVY_NAME", "h\u00e9llo"));
        UsageException refused = assertThrows(
                UsageException.class, () -> WrittenArguments.requireReadable(Map.of("DIVVY_NAME", "h\ufffdllo")));
        assertTrue(refused.getMessage().startsWith("environment variable DIVVY_NAME cannot be read: "));
    }
}
