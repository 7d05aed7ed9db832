package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.divvy.net.Clock;
import io.divvy.net.EventLoop;
import io.divvy.net.NetLimits;
import io.divvy.server.FatalEnd.Reason;
import io.divvy.store.ForwardingStore;
import io.divvy.store.MemoryStore;
import io.divvy.store.Retention;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the watchdog makes of what it sees, look by look; a look is a quarter of a second of its own time. */
class WatchdogTest {
    private static final int LOOKS_OF_A_MINUTE = 240;
    private static final int LOOKS_OF_A_SECOND = 4;

    private final Semaphore mayTurn = new Semaphore(0);
    private final EventLoop loop = new EventLoop(Clock.system(), NetLimits.DEFAULT);
    private final Thread thread = new Thread(this::run, "watched-loop");
    private volatile boolean storeIsBroken;
    private final Watchdog watchdog = new Watchdog(
            thread,
            loop,
            new ForwardingStore(new MemoryStore(Retention.DEFAULT)) {
                @Override
                public boolean isBeyondRepair() {
                    return storeIsBroken;
                }
            },
            FatalEnd.STOP_ONLY);

    WatchdogTest() throws IOException {}

    private void run() {
        try {
            mayTurn.acquire();
            loop.run(
                    connection -> {
                        throw new IllegalStateException("nobody connects");
                    },
                    new EventLoop.Periodic() {
                        @Override
                        public void tick(long nowMs) {
                            mayTurn.acquireUninterruptibly();
                        }

                        @Override
                        public long nextDeadlineMs() {
                            return 0;
                        }
                    });
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        mayTurn.release(1_000_000);
        loop.stop();
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
        thread.join();
    }

    private void turn() {
        long before = loop.turns();
        mayTurn.release();
        await().until(() -> loop.turns() > before);
    }

    private Reason lookFor(int looks) {
        for (int i = 0; i < looks; i++) {
            Reason why = watchdog.look();
            if (why != null) {
                return why;
            }
        }
        return null;
    }

    @Test
    void aLoopInOneTurnForAMinuteOfTheWatchdogsOwnTimeHangs() {
        thread.start();
        turn();
        assertNull(lookFor(LOOKS_OF_A_MINUTE));
        turn();
        assertNull(lookFor(LOOKS_OF_A_MINUTE), "it got on");
        assertEquals(Reason.LOOP_HANGS, lookFor(LOOKS_OF_A_SECOND));
    }

    @Test
    void aLoopThatHasNotBegunItsFirstTurnDoesNotHang() {
        thread.start();
        assertNull(lookFor(10 * LOOKS_OF_A_MINUTE));
    }

    @Test
    void aLoopWhoseThreadIsDeadIsBroken() throws InterruptedException {
        thread.start();
        turn();
        thread.interrupt();
        loop.stop();
        mayTurn.release(10);
        thread.join();
        assertEquals(Reason.LOOP_BROKE, lookFor(LOOKS_OF_A_SECOND));
    }

    @Test
    void aLoopThatWasStoppedIsNotBroken() throws InterruptedException {
        thread.start();
        loop.stop();
        mayTurn.release(10);
        thread.join();
        watchdog.over();
        assertNull(lookFor(LOOKS_OF_A_MINUTE));
    }

    @Test
    void aBrokenStoreAndAReportedBreakdownAreSeen() {
        thread.start();
        storeIsBroken = true;
        assertEquals(Reason.STORE_BROKE, lookFor(LOOKS_OF_A_SECOND));
        watchdog.broke(Reason.CORE_BROKE, new OutOfMemoryError());
        assertEquals(Reason.CORE_BROKE, lookFor(1));
    }
}
