package io.divvy.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/**
 * What comes from a server. Its failures are unchecked, to tell them from those of the file that it goes to. A server that sends
 * nothing for a minute is given up.
 */
final class Download extends FilterInputStream {
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long LOOK_MS = 1_000;

    private final Thread watch = new Thread(this::watch, "divvy-download");
    /** When the read began that goes on, or 0. */
    private volatile long readingSinceNanos;

    private volatile boolean givenUp;

    Download(InputStream body) {
        super(body);
        watch.setDaemon(true);
        watch.start();
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(LOOK_MS);
                long since = readingSinceNanos;
                if (since != 0 && System.nanoTime() - since > SILENCE_NANOS) {
                    givenUp = true;
                    super.close();
                    return;
                }
            }
        } catch (InterruptedException | IOException e) {
            Thread.currentThread().interrupt(); // It is closed: there is nothing left to watch.
        }
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        readingSinceNanos = System.nanoTime() | 1;
        try {
            return super.read(bytes, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    givenUp
                            ? new IOException(
                                    "it sent nothing for " + TimeUnit.NANOSECONDS.toSeconds(SILENCE_NANOS) + " s", e)
                            : e);
        } finally {
            readingSinceNanos = 0;
        }
    }

    @Override
    public void close() throws IOException {
        watch.interrupt();
        super.close();
    }
}
