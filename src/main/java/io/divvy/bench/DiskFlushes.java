package io.divvy.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How often the disks of this machine were told to make durable what they have, by whomever. Linux counts that for each block
 * device: the flush requests are the 16th figure of its {@code stat} file (Documentation/block/stat.rst of the kernel).
 */
final class DiskFlushes {
    private static final Path DEVICES = Path.of("/sys/block");
    private static final int FLUSHES = 15;

    private DiskFlushes() {}

    /** Since the machine started; NaN where the system does not say. */
    static double count() throws IOException {
        if (!Files.isDirectory(DEVICES)) {
            return Double.NaN;
        }
        double sum = 0;
        try (DirectoryStream<Path> devices = Files.newDirectoryStream(DEVICES)) {
            for (Path device : devices) {
                String[] figures =
                        Files.readString(device.resolve("stat")).strip().split("\\s+", -1);
                if (figures.length <= FLUSHES) {
                    return Double.NaN;
                }
                sum += Double.parseDouble(figures[FLUSHES]);
            }
        }
        return sum;
    }
}
