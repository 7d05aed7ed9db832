package io.divvy.cli;

/** What the process says when it ends. The README has this table. */
final class ExitCode {
    static final int DONE = 0;
    /** The task failed or was cancelled. */
    static final int TASK_FAILED = 1;

    static final int WRONG_USAGE = 2;
    /** There is no server, or it could not start, or it takes nothing now, or it failed at what was asked. */
    static final int NO_SERVER = 3;
    /** What was asked for is not there, or not any more. */
    static final int NOT_FOUND = 4;
    /** The server does not take it as it is: to ask again changes nothing. */
    static final int REFUSED = 5;
    /** A file of this machine, or its output, could not be read or written. */
    static final int LOCAL_FILE = 6;
    /** The process cannot go on, and is to be started anew. The number is EX_SOFTWARE of sysexits.h. */
    static final int IN_DOUBT = 70;
    /** Stopped by Ctrl-C, as shells count it: 128 and the number of SIGINT. */
    static final int INTERRUPTED = 130;

    private ExitCode() {}
}
