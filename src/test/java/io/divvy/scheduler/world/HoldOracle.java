package io.divvy.scheduler.world;

import io.divvy.scheduler.CoreInspection;
import io.divvy.scheduler.CoreInspection.HeldLease;
import io.divvy.scheduler.CoreInspection.Subtask;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerSnapshot;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How much workers hold: no more of a task than they have shown that they can do, and nothing unstarted for long. */
final class HoldOracle {
    /** The server looks at what is due so much later at most. */
    private static final long LOOK_MS = 400;
    /** How often a worker may give back the same subtask after it held that unstarted for too long. */
    private static final int MOST_RETURNS = 1;

    private final World world;
    private final PeerTime time;
    private final long holdMs;
    /** Leases with something unstarted that was not asked for, and since when. */
    private final Map<HeldLease, Long> unstartedSinceMs = new HashMap<>();
    /** Leases of which something is asked back, and since when their worker has said nothing. */
    private final Map<HeldLease, Long> askedSinceMs = new HashMap<>();
    /** Those of them that nobody else gets anything of. */
    private final Map<HeldLease, Long> unsharedSinceMs = new HashMap<>();

    HoldOracle(World world, PeerTime time) {
        this.world = world;
        this.time = time;
        this.holdMs = world.settings().limits().holdMs();
    }

    /** Nobody had the time that a clock jumped over. */
    void clockTurned() {
        unstartedSinceMs.clear();
        askedSinceMs.clear();
        unsharedSinceMs.clear();
    }

    /** Time passed for the core. */
    void look(Scheduler core) {
        keep(askedSinceMs, CoreInspection.asked(core));
        requireTakenBack(CoreInspection.unstarted(core));
        requireShared(CoreInspection.awaited(core));
    }

    private void keep(Map<HeldLease, Long> sinceMs, Collection<HeldLease> now) {
        sinceMs.keySet().retainAll(now);
        now.forEach(lease -> sinceMs.putIfAbsent(lease, time.peerMs()));
    }

    /** What a worker was given and has not started in time is asked for, whether anybody else waits for it or not. */
    private void requireTakenBack(List<HeldLease> unstarted) {
        keep(unstartedSinceMs, unstarted);
        unstartedSinceMs.forEach((lease, sinceMs) -> Violation.unless(
                time.peerMs() - sinceMs <= holdMs + LOOK_MS + time.setBackMs(),
                () -> lease + " lies unstarted at its worker for " + (time.peerMs() - sinceMs) + " ms"));
    }

    /** What a worker does not give back in time is leased to others too. */
    private void requireShared(List<HeldLease> awaited) {
        keep(unsharedSinceMs, awaited);
        unsharedSinceMs.forEach((lease, sinceMs) -> Violation.unless(
                time.peerMs() - sinceMs <= holdMs + LOOK_MS + time.setBackMs(),
                () -> "what was asked back of " + lease + " is leased to nobody else for " + (time.peerMs() - sinceMs)
                        + " ms"));
    }

    /** A worker was given something. */
    void assigned(Scheduler core, WorkerConnection to, Effect.Assign effect) {
        int slots = to.worker.character.slots();
        long held = CoreInspection.held(core, effect.worker(), effect.task());
        long answered = to.answered.getOrDefault(effect.task(), 0L);
        Violation.unless(
                held <= Math.max(2L * slots, 2 * answered),
                () -> effect + ": with " + slots + " slots it holds " + held + " subtasks of that task, of which it"
                        + " answered " + answered);
        WorkerSnapshot worker = core.worker(effect.worker());
        if (worker != null && effect.payloads() == null && ignoresRevokes(effect.worker())) {
            Violation.unless(
                    worker.creditInUse() <= slots,
                    () -> effect + " waits behind others at a worker that gives nothing back: " + worker);
        }
    }

    /** Whether it was asked for something so long ago that the server must know that it does not answer. */
    private boolean ignoresRevokes(WorkerId worker) {
        long mostMs = 2 * holdMs + LOOK_MS + time.setBackMs();
        return askedSinceMs.entrySet().stream()
                .anyMatch(asked -> asked.getKey().worker().equals(worker) && time.peerMs() - asked.getValue() > mostMs);
    }

    void revoked(WorkerConnection.Lease lease) {
        lease.wasHeldTooLong = time.peerMs() - lease.assignedPeerMs >= holdMs;
    }

    /** A worker gave something back: it does give back, and does not get the same again to let it lie once more. */
    void released(WorkerConnection from, Event.LeaseReleased event) {
        unsharedSinceMs.remove(new HeldLease(event.worker(), event.lease()));
        askedSinceMs.replaceAll(
                (lease, sinceMs) -> lease.worker().equals(event.worker()) ? Long.valueOf(time.peerMs()) : sinceMs);
        WorkerConnection.Lease lease = from.leases.get(event.lease());
        if (lease == null || from.isTainted || event.from() >= lease.heldTo) {
            return;
        }
        lease.heldTo = event.from();
        if (!lease.wasHeldTooLong) {
            return;
        }
        lease.wasHeldTooLong = false;
        Subtask first = new Subtask(lease.task, event.from());
        int times = from.returned.merge(first, 1, Integer::sum);
        Violation.unless(
                times <= MOST_RETURNS,
                () -> world.task(lease.task) + ": subtask " + event.from() + " goes to and fro between the server and "
                        + from.worker + ", which held it for too long " + times + " times");
    }
}
