package io.divvy.recording;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A new file for a recording, that only its owner can read. A thread writes it, so that a slow disk holds up nobody: what it
 * is given waits in memory, and is in the file some {@link #GATHER_MS} later, but not forced to the disk.
 */
public final class RecordingFile implements Recorder.Sink, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RecordingFile.class);
    /** A busy server gives 15 MB each second, so this is a disk that stands still for a second. */
    static final long MOST_WAITING_BYTES =
            Math.min(16L << 20, Runtime.getRuntime().maxMemory() / 32);
    /** For so long more is waited for, so that the loop wakes this thread no more often than that. */
    private static final long GATHER_MS = 20;
    /** With so much nothing more is waited for. */
    private static final int GATHERED_BYTES = 256 << 10;
    /** How long {@link #close} waits for the disk. */
    private static final long CLOSE_MS = 2_000;

    private final Path path;
    private final Opening opening;
    private final long mostBytes;
    private final Thread writing = new Thread(this::run, "divvy-recording");

    // Guarded by this.
    private ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private boolean begun;
    private boolean ended;
    private @Nullable IOException failure;

    /** For tests of slow disks. */
    interface Opening {
        OutputStream open() throws IOException;
    }

    RecordingFile(Path path, Opening opening, long mostBytes) {
        this.path = path;
        this.opening = opening;
        this.mostBytes = mostBytes;
        writing.setDaemon(true);
    }

    /**
     * Makes the file. If nothing is recorded by the time it is closed, it is deleted again.
     *
     * @param mostBytes that it may have
     * @throws FileAlreadyExistsException if there is such a file; it is left alone
     */
    public static RecordingFile create(Path path, long mostBytes) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(path);
        }
        return new RecordingFile(path, () -> Files.newOutputStream(path), mostBytes);
    }

    long mostBytes() {
        return mostBytes;
    }

    /** @throws IOException if the disk fails, or is so slow that too much waits for it */
    @Override
    public synchronized void write(ByteArrayOutputStream text) throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (waiting.size() + text.size() > MOST_WAITING_BYTES) {
            throw new IOException("the disk is too slow: " + waiting.size() + " bytes wait to be written to " + path);
        }
        add(text);
    }

    /** However much waits: this is the last line. Does not wait until it is written. */
    @Override
    public synchronized void end(ByteArrayOutputStream text) throws IOException {
        add(text);
        ended = true;
        notifyAll();
    }

    private void add(ByteArrayOutputStream text) throws IOException {
        if (!begun) {
            begun = true;
            writing.start();
        }
        boolean isAwaited = waiting.size() == 0;
        text.writeTo(waiting);
        if (isAwaited || waiting.size() >= GATHERED_BYTES) {
            notifyAll();
        }
    }

    private void run() {
        try (OutputStream file = opening.open()) {
            for (ByteArrayOutputStream next = take(); next.size() > 0; next = take()) {
                next.writeTo(file);
            }
        } catch (IOException e) {
            fail(new IOException("cannot write to " + path + ": " + e.getMessage(), e));
        } catch (InterruptedException e) {
            fail(new IOException("the thread that writes to " + path + " was interrupted", e));
        }
    }

    /** What waits; nothing at the end. */
    private synchronized ByteArrayOutputStream take() throws InterruptedException {
        while (waiting.size() == 0 && !ended) {
            wait();
        }
        long startNanos = System.nanoTime();
        for (long leftMs = GATHER_MS; leftMs > 0 && waiting.size() < GATHERED_BYTES && !ended; ) {
            wait(leftMs);
            leftMs = GATHER_MS - (System.nanoTime() - startNanos) / 1_000_000;
        }
        ByteArrayOutputStream taken = waiting;
        waiting = new ByteArrayOutputStream();
        return taken;
    }

    private synchronized void fail(IOException why) {
        failure = why;
        waiting = new ByteArrayOutputStream();
    }

    /** Waits until all is written that was recorded. A file in which nothing was recorded is deleted. */
    @Override
    public void close() {
        close(CLOSE_MS);
    }

    @Override
    public void close(long withinMs) {
        synchronized (this) {
            if (!begun) {
                delete();
                return;
            }
            ended = true;
            notifyAll();
        }
        try {
            writing.join(withinMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (writing.isAlive()) {
            LOG.warn("the disk is slow: what was recorded last may be missing in {}", path);
        }
    }

    private void delete() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("nothing was recorded, and the empty file {} cannot be deleted: {}", path, e.getMessage());
        }
    }
}
