package io.divvy.cli;

import io.divvy.server.FatalEnd;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Ends this process at once with {@link ExitCode#IN_DOUBT}, after one line on stderr. All that it needs is made before: it
 * allocates nothing, and halts also where nobody takes what it writes.
 */
final class FatalHalt implements FatalEnd {
    /** How long the line may take. */
    private static final long LINE_MS = 500;

    private static final int LINE_BYTES = 512;
    private static final String BEGINNING = "divvy: this server cannot go on and has to be restarted: ";

    private final byte[] line = new byte[LINE_BYTES];
    /** Not {@link System#err}: whoever has its lock may have died with it. */
    private final FileOutputStream err = new FileOutputStream(FileDescriptor.err);

    private final Thread halting = new Thread(this::haltOnceAsked, "divvy-halt");
    private int length;
    private volatile boolean asked;

    private FatalHalt() {}

    /** One that is ready for the worst from now on. */
    static FatalHalt armed() {
        FatalHalt halt = new FatalHalt();
        halt.rehearse();
        halt.halting.setDaemon(true);
        halt.halting.start();
        return halt;
    }

    /** What is used for the first time may need memory. */
    private void rehearse() {
        Throwable cause = new OutOfMemoryError("a rehearsal");
        for (Reason why : Reason.values()) {
            write(why, cause);
        }
        length = 0;
    }

    private void haltOnceAsked() {
        while (!asked) {
            LockSupport.park(this);
        }
        long startNanos = System.nanoTime();
        for (long left = LINE_MS * 1_000_000; left > 0; left = LINE_MS * 1_000_000 - (System.nanoTime() - startNanos)) {
            LockSupport.parkNanos(left);
        }
        Runtime.getRuntime().halt(ExitCode.IN_DOUBT);
    }

    /** Does not return. */
    @Override
    public void end(Reason why, @Nullable Throwable cause) {
        awaitTurn();
        LockSupport.unpark(halting);
        try {
            write(why, cause);
            err.write(line, 0, length);
        } catch (IOException | RuntimeException | Error e) {
            // Nobody is left to be told.
        }
        Runtime.getRuntime().halt(ExitCode.IN_DOUBT);
    }

    /** Only one thread has a word. */
    private void awaitTurn() {
        synchronized (this) {
            if (!asked) {
                asked = true;
                return;
            }
        }
        while (true) {
            LockSupport.park(this); // The process ends meanwhile.
        }
    }

    private void write(Reason why, @Nullable Throwable cause) {
        length = 0;
        add(BEGINNING);
        add(why.text());
        if (cause != null) {
            add(cause);
        }
        line[length++] = '\n';
    }

    private void add(Throwable cause) {
        add(" (");
        add(cause.getClass().getName());
        String message = message(cause);
        if (message != null) {
            add(": ");
            add(message);
        }
        add(")");
    }

    private static @Nullable String message(Throwable cause) {
        try {
            return cause.getMessage();
        } catch (RuntimeException | Error e) {
            return null; // Some make it when they are asked.
        }
    }

    /** As much of it as there is room for, in one line. */
    private void add(String text) {
        for (int i = 0; i < text.length() && length < LINE_BYTES - 1; i++) {
            char next = text.charAt(i);
            line[length++] = (byte) (next < ' ' || next > '~' ? '?' : next);
        }
    }
}
