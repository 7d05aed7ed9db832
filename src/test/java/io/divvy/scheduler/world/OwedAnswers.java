package io.divvy.scheduler.world;

/** What the server owes on one connection of a sender, held against what it says there. */
interface OwedAnswers {
    /**
     * The server says this. Throws if it is wrong, or wrong by now: what rests on something durable does so when it leaves.
     *
     * @param isTooLate whether the connection is closed: then only what was asked for before may still come, for nobody
     * @return what the sender makes of it, when it comes there
     */
    Runnable said(byte[] bytes, int offset, int length, boolean isTooLate);

    /** The connection is closed: no end of a task is owed any more. */
    void closed();

    /** Whether anything was asked there because of which the server closes it. */
    boolean mayBeClosed();

    /** Whether any answer or end of a task is owed. */
    boolean isOwed();

    /** Whether the end of a task is owed. */
    boolean waitsForTask();

    /** How many there are at the server who wait for a task in its name, at most. */
    int mostWatchers();
}
