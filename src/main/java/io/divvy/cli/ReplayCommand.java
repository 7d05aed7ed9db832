package io.divvy.cli;

import io.divvy.recording.RecordingException;
import io.divvy.recording.Replay;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code divvy replay FILE} */
@Command(
        name = "replay",
        description = {
            "Runs again what a server recorded with --record, and shows the first difference.",
            "Prints what its scheduler says now, in the form of the file. Stops at the first turn in which that is not what"
                    + " it said then.",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:no difference",
            "1:a difference",
            "2:wrong usage, or the file is no recording that this version can read",
            "6:the file or the output cannot be read or written",
        },
        mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The recording.")
    private Path file = Path.of("divvy-recording.txt");

    @Option(
            names = {"-q", "--quiet"},
            description = "Print no turns, only the outcome.")
    private boolean quiet;

    @Override
    public Integer call() throws LocalFileException, UsageException {
        try (InputStream recording = new BufferedInputStream(Files.newInputStream(file))) {
            return replay(new Replay(recording));
        } catch (RecordingException e) {
            throw new UsageException(file + ", " + e.getMessage());
        } catch (IOException e) {
            throw LocalFileException.reading("FILE", file.toString(), e);
        }
    }

    private int replay(Replay replay) throws IOException, RecordingException {
        print(replay.headerLines());
        for (List<String> turn = replay.next(); turn != null; turn = replay.next()) {
            print(turn);
            Replay.Difference difference = replay.difference();
            if (difference != null) {
                say("line " + difference.line() + ": the first difference");
                say("  recorded: " + difference.recorded());
                say("  now:      " + difference.now());
                return ExitCode.TASK_FAILED;
            }
        }
        List<String> end = replay.endLines();
        if (!end.isEmpty()) {
            print(end);
        }
        say(summary(replay));
        return ExitCode.DONE;
    }

    private static String summary(Replay replay) {
        String end = replay.end();
        return String.format(Locale.ROOT, "%,d turns, %,d effects: the same; ", replay.turns(), replay.effects())
                + (end == null
                        ? "behind its last whole line the recording breaks off, as when the server was killed"
                        : "the recording ends there: " + end);
    }

    /** What is printed with turns is a comment among them, so that it is a recording again. */
    private void say(String line) {
        System.out.println(quiet ? line : "# " + line);
    }

    private void print(List<String> lines) {
        if (!quiet) {
            System.out.print(String.join("\n", lines) + "\n"); // Flushed once, not for each line.
        }
    }
}
