package io.divvy.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A process that stood still finds many events at once, and every deadline over. */
class LateProcessTest {
    private static final long HEARTBEAT_MS = 5_000;
    private static final WorkerId FIRST = new WorkerId(1);
    private static final WorkerId SECOND = new WorkerId(2);

    private final Scheduler scheduler = new Scheduler(Limits.DEFAULT, RetryPolicy.DEFAULT, false, 1);

    @Test
    void heartbeatsThatAreReadLateKeepAllWorkers() {
        join(FIRST);
        join(SECOND);
        long lateMs = 10 * HEARTBEAT_MS;

        // Both heartbeats lie in the sockets; they are read one after the other, and then the time is looked at.
        assertEquals(List.of(), scheduler.handle(new Event.Heartbeat(FIRST, Map.of()), lateMs));
        assertEquals(List.of(), scheduler.handle(new Event.Heartbeat(SECOND, Map.of()), lateMs));
        assertEquals(List.of(), scheduler.tick(lateMs));
        assertEquals(2, scheduler.connectedWorkers());
    }

    @Test
    void aWorkerWithoutAHeartbeatIsDroppedThoughTheServerReadLate() {
        join(FIRST);
        join(SECOND);
        long lateMs = 10 * HEARTBEAT_MS;

        scheduler.handle(new Event.Heartbeat(FIRST, Map.of()), lateMs);

        assertEquals(List.of(new Effect.DropWorker(SECOND, "no sign of life for 15000 ms")), scheduler.tick(lateMs));
        assertEquals(1, scheduler.connectedWorkers());
    }

    private void join(WorkerId worker) {
        scheduler.handle(
                new Event.WorkerJoined(
                        worker,
                        new WorkerIdentity("10.0.0.1", "worker-" + worker.value()),
                        WorkerTerms.heartbeatEvery(HEARTBEAT_MS).build()),
                0);
    }
}
