package io.divvy.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * Reads from the sockets that are ready. Newcomers and connections that bring much get in line: each line has a bounded time
 * in a turn, else each of them would let all others wait longer.
 */
final class Intake {
    private final Selector selector;
    private final ByteBuffer buffer;

    /** Those that have not been here for long. */
    private final WaitingLine newcomers = new WaitingLine();
    /** Those that brought much when they were read from last. */
    private final WaitingLine heavy = new WaitingLine();

    /** Since when those in line are not read from; {@link Long#MAX_VALUE} while they are. */
    private long pausedSinceMs = Long.MAX_VALUE;

    Intake(Selector selector, int bufferBytes) {
        this.selector = selector;
        this.buffer = ByteBuffer.allocate(bufferBytes);
    }

    /** Reads from connections that send little, and has the others get in line. */
    void serveReady() {
        for (SelectionKey key : selector.selectedKeys()) {
            if (key.attachment() instanceof Connection connection) {
                serve(connection, key);
            } else if (key.attachment() instanceof Acceptor ready) {
                Mistakes.guarded("accepting connections", ready::accept);
            }
        }
        selector.selectedKeys().clear();
    }

    /**
     * Reads from every socket that is ready, before what is overdue says that nothing came: a sleep that ran out may have
     * missed it, and one look gives some of many sockets. Those not read yet come first at the next look, so all are read
     * from once when connections / sockets of a look + 1 looks are over, though others are ready again.
     */
    void readAll(int connections) throws IOException {
        for (int looks = connections / NetLimits.SOCKETS_PER_LOOK + 1; looks > 0; looks--) {
            selector.selectNow();
            int ready = selector.selectedKeys().size();
            serveReady();
            if (ready < NetLimits.SOCKETS_PER_LOOK) {
                return;
            }
        }
    }

    boolean isNobodyInLine() {
        return newcomers.isEmpty() && heavy.isEmpty();
    }

    /**
     * Whether nobody in line is read from: for a bounded time, as what they owe is not due meanwhile.
     *
     * @param isBehind whether what was read has led to more than has been dealt with
     */
    boolean areLinesPaused(boolean isBehind, long nowMs) {
        if (!isBehind) {
            pausedSinceMs = Long.MAX_VALUE;
            return false;
        }
        pausedSinceMs = Math.min(pausedSinceMs, nowMs);
        return nowMs - pausedSinceMs < NetLimits.LONGEST_READ_PAUSE_MS;
    }

    void serveLines(boolean arePaused) {
        if (arePaused) {
            newcomers.awaitNextTurn();
            heavy.awaitNextTurn();
        } else {
            newcomers.serve(this::read);
            heavy.serve(this::read);
        }
    }

    private void serve(Connection connection, SelectionKey key) {
        try {
            if (key.isReadable()) {
                if (connection.isHeavy()) {
                    heavy.join(connection);
                } else if (connection.isNew()) {
                    newcomers.join(connection);
                } else {
                    connection.onReadable(buffer);
                }
            }
            if (key.isValid() && key.isWritable()) {
                connection.flush();
            }
            if (key.isValid() && key.isConnectable()) {
                connection.onGone();
            }
        } catch (IOException | RuntimeException | Error e) {
            Mistakes.end(connection, e);
        }
    }

    /** It is a connection's turn. */
    private void read(Connection connection) {
        try {
            connection.onReadable(buffer);
        } catch (IOException | RuntimeException | Error e) {
            Mistakes.end(connection, e);
        }
    }
}
