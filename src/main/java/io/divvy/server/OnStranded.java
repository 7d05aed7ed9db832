package io.divvy.server;

/** What becomes of unfinished tasks of a former server that this one cannot go on with. */
public enum OnStranded {
    /** The server does not start. Whoever started it can put in place what they need. */
    REFUSE_TO_START,
    /** They end as failed, and what was done of them is gone. */
    FAIL_THEM
}
