package io.divvy.net;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Connections that something came from and that take turns to be read from, the longest waiting first, in a bounded time of
 * each turn of the loop. While one waits over a turn the Selector is not asked about it: else each look would find all of
 * them again.
 */
final class WaitingLine {
    private final Set<Connection> waiting = new LinkedHashSet<>();
    /** Those that came since the line was served last. */
    private final List<Connection> joined = new ArrayList<>();

    void join(Connection connection) {
        if (waiting.add(connection)) {
            joined.add(connection);
        }
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Reads once from each until its time is over, at least from one. */
    void serve(Consumer<Connection> read) {
        if (waiting.isEmpty()) {
            return;
        }
        long startNanos = System.nanoTime();
        Iterator<Connection> next = waiting.iterator();
        do {
            Connection connection = next.next();
            next.remove();
            if (connection.beginTurn()) {
                read.accept(connection);
            }
        } while (next.hasNext() && System.nanoTime() - startNanos < NetLimits.LINE_NANOS);
        awaitNextTurn();
    }

    /** Those that joined and were not read from wait for the next turn. */
    void awaitNextTurn() {
        for (Connection connection : joined) {
            if (waiting.contains(connection)) {
                connection.awaitTurn();
            }
        }
        joined.clear();
    }
}
