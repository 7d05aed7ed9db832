package io.divvy.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a long-running command does when it is told to stop, by Ctrl-C or SIGTERM. Registered before anything is started, so
 * that it is clean at any time; a second signal ends the process at once.
 *
 * <p>A process that a program started may also be told by the end of its standard input: see {@link #WITH_INPUT}.
 */
final class Shutdown implements AutoCloseable {
    /** A system property: the process stops when its standard input ends, as it does when its parent is gone. */
    static final String WITH_INPUT = "divvy.stop-with-stdin";

    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
    /** Set once this process ends by itself, with an exit code of its own. */
    private static volatile boolean exiting;

    private final Thread hook = new Thread(this::stop, "divvy-shutdown");
    private @Nullable Runnable action;
    private Supplier<String> announcement = () -> "stopping";

    private Shutdown() {}

    /** Ends the process with that code. The only way to do so: an end by any other way counts as told by a signal. */
    static void exit(int code) {
        exiting = true;
        System.exit(code);
    }

    /** From now on a signal ends the process with 0, because being told to stop is no failure. */
    static Shutdown atSignal() {
        Shutdown shutdown = new Shutdown();
        Runtime.getRuntime().addShutdownHook(shutdown.hook);
        if (Boolean.getBoolean(WITH_INPUT)) {
            Thread watch = new Thread(Shutdown::stopWithInput, "divvy-parent");
            watch.setDaemon(true);
            watch.start();
        }
        return shutdown;
    }

    /**
     * What is done before that, from now on.
     *
     * @param announcement what happens now, for who sent the signal: what is waited for, and how long
     */
    synchronized void first(Supplier<String> announcement, Runnable action) {
        this.announcement = announcement;
        this.action = action;
    }

    /** Says what happens now, to who sent a signal, whose next one ends the process at once. Not if it ends by itself. */
    static void announce(String what) {
        if (!exiting) {
            // The platform waits for the hooks that run already, however long they take.
            Signals.endAt(Signals.INTERRUPT);
            Signals.endAt(Signals.TERMINATE);
            System.err.println("divvy: " + what + "; Ctrl-C again ends it at once");
        }
    }

    /** The command has ended by itself; from now on a signal ends the process as it does any other. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // A signal ends the process already, and the hook says with which code.
        }
    }

    private void stop() {
        if (exiting) {
            return; // Whoever ends the process has cleaned up, and the exit code says what went wrong.
        }
        Thread foreign = callerOfExit();
        if (foreign != null) {
            // It waits for this hook, and what is done at a signal might wait for it. No signal told the process to
            // end.
            System.err.println("divvy: the code of a task type ended this process: " + foreign.getName()
                    + " called System.exit; such code must not");
            Runtime.getRuntime().halt(ExitCode.IN_DOUBT);
        }
        Runnable before;
        String what;
        synchronized (this) {
            before = action;
            what = announcement.get();
        }
        announce(what);
        if (before != null) {
            before.run();
        }
        Runtime.getRuntime().halt(ExitCode.DONE);
    }

    /** The thread that ends this process by itself, without {@link #exit}; null if it is a signal that ends it. */
    private static @Nullable Thread callerOfExit() {
        for (Map.Entry<Thread, StackTraceElement[]> thread :
                Thread.getAllStackTraces().entrySet()) {
            boolean exits = false;
            boolean isOurs = false;
            for (StackTraceElement frame : thread.getValue()) {
                exits |= frame.getClassName().equals(Runtime.class.getName())
                        && frame.getMethodName().equals("exit");
                // The end of the input is as good as a signal.
                isOurs |= frame.getClassName().equals(Shutdown.class.getName());
            }
            if (exits && !isOurs) {
                return thread.getKey();
            }
        }
        return null;
    }

    private static void stopWithInput() {
        try {
            // Nothing is said there: only its end means something.
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            LOG.debug("standard input broke: {}", e.getMessage());
        }
        System.exit(ExitCode.DONE);
    }
}
