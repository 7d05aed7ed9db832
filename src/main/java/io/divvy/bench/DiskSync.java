package io.divvy.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.HdrHistogram.Histogram;

/** What this machine's disk takes to make a small write durable: no commit can be quicker. */
final class DiskSync {
    private static final int SYNCS = 300;
    private static final int BYTES = 4_096;

    private DiskSync() {}

    /** The median, in milliseconds. */
    static double medianMs() throws IOException {
        Path file = Files.createTempFile("divvy-bench", ".sync");
        // Where the run is interrupted, nothing else deletes it.
        file.toFile().deleteOnExit();
        Histogram nanos = new Histogram(3);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int i = 0; i < SYNCS; i++) {
                channel.write(ByteBuffer.allocate(BYTES));
                long startNanos = System.nanoTime();
                channel.force(false);
                nanos.recordValue(System.nanoTime() - startNanos);
            }
        } finally {
            Files.deleteIfExists(file);
        }
        return nanos.getValueAtPercentile(50) / 1e6;
    }
}
