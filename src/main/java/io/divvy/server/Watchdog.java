package io.divvy.server;

import io.divvy.net.EventLoop;
import io.divvy.server.FatalEnd.Reason;
import io.divvy.store.TaskStore;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a server whose loop or store is dead comes to an end, and does not stay as a process whose port takes
 * connections and answers none. Once it runs it allocates nothing, as a lack of memory is the likeliest death.
 *
 * <p>It counts its own looks, not time: while the process is stopped, or in a long collection, it looks as little as the loop
 * turns.
 */
final class Watchdog {
    private static final long LOOK_MS = 250;
    /** The loop wakes each second, and no turn of work takes anything like this: it is in an endless one. */
    private static final long HANGS_MS = 60_000;
    /** What broke may say so itself, with all that it knows, if it does so within this time. */
    private static final long LAST_WORDS_MS = 500;

    private final Thread loopThread;
    private final EventLoop loop;
    private final TaskStore store;
    private final FatalEnd fatalEnd;

    private volatile boolean isOver;
    private volatile @Nullable Reason broken;
    private volatile @Nullable Throwable cause;

    // Of its own thread.
    private long turnsSeen;
    private int looksWithoutTurn;
    private int looksSinceBroken;

    Watchdog(Thread loopThread, EventLoop loop, TaskStore store, FatalEnd fatalEnd) {
        this.loopThread = loopThread;
        this.loop = loop;
        this.store = store;
        this.fatalEnd = fatalEnd;
    }

    void start() {
        Thread thread = new Thread(this::run, "divvy-watchdog");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (!isOver) {
            LockSupport.parkNanos(LOOK_MS * 1_000_000);
            Reason why = look();
            if (why != null) {
                fatalEnd.end(why, cause);
                return;
            }
        }
    }

    /** What somebody says of himself, before he says anything that needs memory. The first reason counts. */
    void broke(Reason why, Throwable thrown) {
        if (broken == null) {
            cause = thrown;
            broken = why;
        }
    }

    /** Whether a server that was started broke. */
    boolean isBroken() {
        return broken != null || (!isOver && !loopThread.isAlive());
    }

    /** The server came to its end as it should, or said why not. */
    void over() {
        isOver = true;
    }

    /** Looks once, every {@link #LOOK_MS}. Returns why the server is to end, or null. */
    @Nullable
    Reason look() {
        if (isOver) {
            return null;
        }
        if (broken != null || !loopThread.isAlive() || store.isBeyondRepair()) {
            looksSinceBroken++;
        }
        if (looksSinceBroken > LAST_WORDS_MS / LOOK_MS) {
            Reason why = broken;
            return why != null ? why : store.isBeyondRepair() ? Reason.STORE_BROKE : Reason.LOOP_BROKE;
        }
        long turns = loop.turns();
        // Before the first turn all that was stored is taken up, which takes as long as it takes.
        looksWithoutTurn = turns == turnsSeen && turns > 0 ? looksWithoutTurn + 1 : 0;
        turnsSeen = turns;
        return looksWithoutTurn > HANGS_MS / LOOK_MS ? Reason.LOOP_HANGS : null;
    }
}
