package io.divvy.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Stories of the scheduler that a person can read: what happens, and below it what the scheduler says to that. Runs in the
 * repository's root. With {@code -Ddivvy.transcripts=rewrite} it writes what the scheduler says now into the files; look at
 * the difference before you commit it.
 */
class TranscriptsTest {
    private static final Path FOLDER = Path.of("src/test/resources/transcripts");
    private static final boolean REWRITE = "rewrite".equals(System.getProperty("divvy.transcripts"));

    static List<Path> transcripts() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void theSchedulerGivesTheEffectsOfEachTranscript(Path transcript) throws IOException, RecordingException {
        String told = Files.readString(transcript);
        String now = Text.rewritten(told);
        if (REWRITE) {
            Files.writeString(transcript, now);
            return;
        }
        assertEquals(
                told,
                now,
                () -> transcript + ": if what the scheduler says now is what it should say, run this test once with"
                        + " -Ddivvy.transcripts=rewrite");
    }

    @Test
    void theRecordingThatArchitectureShowsIsOne() throws IOException, RecordingException {
        Matcher shown = Pattern.compile("```recording\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("src/docs/architecture.md")));
        assertTrue(shown.find());
        assertEquals(shown.group(1), Text.rewritten(shown.group(1)));
    }

    @Test
    void thereAreTranscripts() throws IOException {
        assertTrue(transcripts().size() >= 8, () -> "no stories in " + FOLDER.toAbsolutePath());
    }
}
