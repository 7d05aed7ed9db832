package io.divvy.cli;

/**
 * What the process says when it ends: the same for the same kind of thing, whichever command it is and whoever finds it out, the
 * command or the server. The help and the README have this table.
 */
final class ExitCode {
    static final int DONE = 0;
    /** The task failed or was cancelled. */
    static final int TASK_FAILED = 1;
    /** What was typed makes no sense, or what is in a file that was given. */
    static final int WRONG_USAGE = 2;
    /** There is no server, or it could not start, or it takes nothing now, or it failed at what was asked. */
    static final int NO_SERVER = 3;
    /** What was asked for is not there, or not any more, or it is not clear what was meant. */
    static final int NOT_FOUND = 4;
    /** It makes sense, but the server does not do it: not as things are, not so much, or not for this client. */
    static final int REFUSED = 5;
    /** A file of this machine, or its output, could not be read or written, or is there already. */
    static final int LOCAL_FILE = 6;
    /**
     * The process cannot go on, and is to be started anew, or a command met a fault of this program. The number is EX_SOFTWARE of
     * sysexits.h.
     */
    static final int IN_DOUBT = 70;
    /** Stopped by Ctrl-C, as shells count it: 128 and the number of SIGINT. */
    static final int INTERRUPTED = 130;

    private ExitCode() {}
}
