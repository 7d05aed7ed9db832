package io.divvy.cli;

import io.divvy.store.sqlite.SqliteBackup;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code divvy backup FILE} */
@Command(
        name = "backup",
        description = "Copies all tasks of a server into one file, as they are at one moment, while it runs or not."
                + " To restore it, stop the server, empty its data folder, and put the file there as divvy.db.",
        mixinStandardHelpOptions = true)
final class BackupCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "Where the copy goes. There must be no such file yet.")
    private Path file = Path.of("divvy-backup.db");

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            defaultValue = "divvy-data",
            description =
                    "The data folder of the server, on this machine; ${DEFAULT-VALUE} in the working folder if not"
                            + " given.")
    private Path data = Path.of("divvy-data");

    @Override
    public Integer call() throws IOException, UsageException {
        try {
            SqliteBackup.write(data, file);
        } catch (FileAlreadyExistsException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
        System.out.println(file.toAbsolutePath().normalize());
        return ExitCode.DONE;
    }
}
