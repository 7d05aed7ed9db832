package io.divvy.cli;

import io.divvy.recording.RecordingFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a server records what its scheduler is told, and where. */
final class RecordOption {
    /** For the first and the last line, and some between. */
    private static final long LEAST_BYTES = 64 << 10;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description =
                    "Record the events and effects of the scheduler into this new file, for divvy replay and for bug"
                            + " reports. The file holds names of task types and of workers, ids, keys and error messages, and"
                            + " neither payloads nor results. Nothing is recorded if not given.")
    private @Nullable Path file;

    @Option(
            names = "--record-size",
            paramLabel = "SIZE",
            defaultValue = "64MiB",
            converter = SizeOption.class,
            description = "How large that file may become; then the recording ends and the server goes on."
                    + " ${DEFAULT-VALUE} if not given.")
    private long mostBytes;

    /** The file, which is there now; null if nothing is to be recorded. */
    @Nullable
    RecordingFile create() throws LocalFileException, UsageException {
        Path path = file;
        if (mostBytes < LEAST_BYTES) {
            throw new UsageException("--record-size: expected at least 64KiB, got " + mostBytes);
        }
        if (path == null) {
            return null;
        }
        try {
            return RecordingFile.create(path, mostBytes);
        } catch (FileAlreadyExistsException e) {
            throw new LocalFileException(
                    "--record: there is a file " + path
                            + " already, and a recording is never written over one; choose another name",
                    e);
        } catch (IOException e) {
            throw LocalFileException.writing("--record", path.toString(), e);
        }
    }
}
