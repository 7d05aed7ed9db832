package io.divvy.testing;

import io.divvy.net.LoopGauges;
import io.divvy.net.NetLimits;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.RetryPolicy;
import io.divvy.server.DivvyServer;
import io.divvy.server.Gateway;
import io.divvy.server.ServerGauges;
import io.divvy.server.ServerLimits;
import io.divvy.store.Retention;
import io.divvy.store.TaskStore;
import io.divvy.task.TaskTypes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** The real server on a free loopback port, with a clock that stands still until the test turns it. */
public final class TcpServer implements AutoCloseable {
    /** Every failed attempt waits for exactly this long at most; turn the clock by it and the retry is due. */
    public static final long LONGEST_BACKOFF_MS = 200;

    /** A real wait that ends in a failure; nothing that works takes as long. */
    private static final long LONGEST_ANSWER_NS = TimeUnit.SECONDS.toNanos(20);

    private final ManualClock clock = new ManualClock();
    private final DivvyServer server;
    /** Null if the test brought its own, which may answer when it likes. */
    private final @Nullable ObservedStore observed;

    private TcpServer(NetLimits netLimits, Limits limits, ServerLimits serverLimits, TaskStore store, TaskTypes types) {
        observed = store instanceof ObservedStore known ? known : null;
        DivvyServer.Config config = DivvyServer.Config.on(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "divvy/test")
                .clock(clock)
                .limits(netLimits)
                .limits(limits)
                .limits(serverLimits)
                .retryPolicy(new RetryPolicy(LONGEST_BACKOFF_MS, LONGEST_BACKOFF_MS))
                .build();
        try {
            server = DivvyServer.start(config, types, store);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static TcpServer start() {
        return start(NetLimits.DEFAULT);
    }

    public static TcpServer start(NetLimits netLimits) {
        return start(netLimits, Limits.DEFAULT, ServerLimits.DEFAULT);
    }

    public static TcpServer start(NetLimits netLimits, Limits limits, ServerLimits serverLimits) {
        return new TcpServer(netLimits, limits, serverLimits, TestStores.open(Retention.DEFAULT), TaskTypes.builtin());
    }

    public static TcpServer start(Retention retention) {
        return start(TestStores.open(retention), ServerLimits.DEFAULT);
    }

    /** The store is closed with it. */
    public static TcpServer start(TaskStore store, ServerLimits serverLimits) {
        return new TcpServer(NetLimits.DEFAULT, Limits.DEFAULT, serverLimits, store, TaskTypes.builtin());
    }

    public static TcpServer start(TaskTypes types) {
        return new TcpServer(
                NetLimits.DEFAULT, Limits.DEFAULT, ServerLimits.DEFAULT, TestStores.open(Retention.DEFAULT), types);
    }

    public InetSocketAddress address() {
        return server.address();
    }

    public Gateway gateway() {
        return server.gateway();
    }

    /** Turns the clock, and returns when all that this made due has been done and written. */
    public void advanceMs(long ms) {
        advanceMs(ms, () -> {});
    }

    /** The same, and what {@code meanwhile} sends is there then, unread. */
    public void advanceMs(long ms, Runnable meanwhile) {
        clock.advanceMs(ms, meanwhile); // The loop asks it for the time before it reads.
        server.wake();
        settle();
    }

    /**
     * Stops the server for so long, as by SIGSTOP, and lets it go on: what {@code meanwhile} sends is there then, unread.
     * Returns when all that this made due has been done and written.
     */
    public void pauseMs(long ms, Runnable meanwhile) {
        clock.standStillMs(ms, meanwhile);
        server.wake();
        settle();
    }

    /**
     * Returns when the loop has read what was sent to it before, acted on it, the store has answered all that this asked of
     * it, and the loop has written what that led to.
     */
    public void settle() {
        long startNs = System.nanoTime();
        long callsBefore;
        long unanswered;
        do {
            callsBefore = observed == null ? 0 : observed.calls();
            unanswered = observed == null ? 0 : observed.unanswered();
            takeTurns();
            if (System.nanoTime() - startNs > LONGEST_ANSWER_NS) {
                throw new AssertionError("the store has not answered " + unanswered + " of " + callsBefore + " calls");
            }
        } while (observed != null && (unanswered > 0 || observed.calls() > callsBefore));
    }

    /**
     * The same, but what the store has not answered goes on: one turn to end what the loop is at, one that begins after this
     * call, and one more because writing ends a turn.
     */
    public void takeTurns() {
        for (int turn = 0; turn < 3; turn++) {
            gauges();
        }
    }

    /** Waits until so many connections are left, and what the others did is done. */
    public void awaitConnections(int count) {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> gauges().connections() == count);
        settle();
    }

    /**
     * The same, while the clock is turned: a sender that waits for an answer and vanished looks like one that only sends
     * nothing more, until it is written to or looked at.
     */
    public void awaitVanished(int left) {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    advanceMs(1_000);
                    return gauges().connections() == left;
                });
        settle();
    }

    /** How full its event loop is. */
    public LoopGauges gauges() {
        return load().loop();
    }

    /** How full it is. */
    public ServerGauges load() {
        return server.gateway().gauges().orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        server.close();
    }
}
