package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.Json;
import io.divvy.store.StoreOpenException;
import io.divvy.store.sqlite.SqliteBackup;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code divvy backup FILE} */
@Command(
        name = "backup",
        description = {
            "Copies all tasks of a server into one file, as they are at one moment, while it runs or not.",
            "To restore it, stop the server, empty its data folder, and put the file there as divvy.db.",
        },
        mixinStandardHelpOptions = true)
final class BackupCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "Where the copy goes. There must be no such file yet.")
    private Path file = Path.of("divvy-backup.db");

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            defaultValue = "divvy-data",
            description =
                    "The data folder of the server, on this machine; if not given, what DIVVY_DATA says, or divvy-data in the"
                            + " working folder.")
    private Path data = Path.of("divvy-data");

    @Option(names = "--json", description = "Print JSON: the file, and how many bytes it has.")
    private boolean json;

    @Override
    public Integer call() throws LocalFileException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw LocalFileException.writing("FILE", file.toString(), new NoSuchFileException(file.toString()));
        }
        try {
            SqliteBackup.write(data, file);
        } catch (FileAlreadyExistsException e) {
            throw new LocalFileException("FILE: " + e.getMessage(), e);
        } catch (StoreOpenException e) {
            throw new LocalFileException(e.getMessage() + "; --data names another folder", e);
        } catch (IOException e) {
            throw new LocalFileException(String.valueOf(e.getMessage()), e);
        }
        Path written = file.toAbsolutePath().normalize();
        System.out.println(json ? description(written) : written);
        return ExitCode.DONE;
    }

    private static ObjectNode description(Path written) throws LocalFileException {
        try {
            return Json.MAPPER
                    .createObjectNode()
                    .put("file", written.toString())
                    .put("bytes", Files.size(written));
        } catch (IOException e) {
            throw LocalFileException.reading("FILE", written.toString(), e);
        }
    }
}
