package io.divvy.net;

import java.util.ArrayDeque;

/**
 * Which connections are written to when a turn of the loop ends: the small frames of each connection together, and the
 * connection whose first frame of the turn came last first.
 */
final class PendingWrites {
    /** What is to be written at the end of the turn, on top what the turn led to last. */
    private final ArrayDeque<Connection> unflushed = new ArrayDeque<>();
    /** With frames that wait for company since this turn began. */
    private ArrayDeque<Connection> unhurried = new ArrayDeque<>();
    /** The same since the turn before; empty between turns. */
    private ArrayDeque<Connection> unhurriedBefore = new ArrayDeque<>();

    void atEndOfTurn(Connection connection) {
        unflushed.push(connection);
    }

    /** It has nothing to write but what can wait for the end of the next turn, or for the loop to sleep. */
    void inNextTurn(Connection connection) {
        unhurried.add(connection);
    }

    void beginTurn() {
        ArrayDeque<Connection> empty = unhurriedBefore;
        unhurriedBefore = unhurried;
        unhurried = empty;
    }

    void endTurn() {
        flush();
        flushUnhurried(unhurriedBefore);
        flush(); // To write may lead to more.
    }

    /** All of it: the loop sleeps next. */
    void flushAll() {
        while (!unhurried.isEmpty()) {
            flushUnhurried(unhurried);
            flush();
        }
    }

    /** What does not wait for company. */
    void flush() {
        for (Connection next = unflushed.poll(); next != null; next = unflushed.poll()) {
            flush(next);
        }
    }

    private static void flushUnhurried(ArrayDeque<Connection> waiting) {
        for (Connection next = waiting.poll(); next != null; next = waiting.poll()) {
            if (next.endWaitForCompany()) {
                flush(next);
            }
        }
    }

    private static void flush(Connection connection) {
        try {
            connection.flush();
        } catch (RuntimeException | Error e) {
            Mistakes.log("writing to " + connection, e);
        }
    }
}
