package io.divvy.scheduler.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.protocol.FromWorker;
import io.divvy.protocol.Json;
import io.divvy.protocol.Plain;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ToWorker;
import io.divvy.state.TaskId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A worker in any language, which knows more or fewer messages. Left alone it is honest: it works on its leases in order,
 * answers each index once, gives back what it is asked to, keeps what is not acknowledged, and when its connection breaks it
 * takes a new one and offers that.
 */
final class ForeignWorker extends SimulatedWorker {
    private static final long BEYOND_ANY_LEASE = 1L << 50;

    /** Leases of the present connection that it has not finished, in their order. */
    private final Map<Long, Held> held = new LinkedHashMap<>();
    /** Results for which no ack came. */
    private final List<Sent> unacked = new ArrayList<>();

    private @Nullable Batch running;
    /** Of dialect 1, which has no leases. */
    private long subtasksGiven;

    /** Results that it sent. @param lease null for an offer */
    private record Sent(@Nullable Long lease, SimulatedTask task, long from, long to) {}

    /** What it is working on. */
    private static final class Batch {
        final WorkerConnection connection;
        final Held lease;
        final long from;
        final long to;
        /** Whether it was told to stop before it was done. */
        boolean isDropped;

        Batch(WorkerConnection connection, Held lease, long from, long to) {
            this.connection = connection;
            this.lease = lease;
            this.from = from;
            this.to = to;
        }
    }

    ForeignWorker(World world, String name, Character character, SplittableRandom random) {
        super(world, name, character, random);
    }

    /** One that crashes says it all the same. */
    @Override
    @Nullable
    String instance() {
        return character.plain() || number % 2 == 0 ? null : "instance of " + number;
    }

    @Override
    @Nullable
    String unacked() {
        return unacked.isEmpty() ? null : unacked.toString();
    }

    @Override
    void connected(WorkerConnection fresh) {
        held.clear();
        List<Sent> toOffer = List.copyOf(unacked);
        unacked.clear();
        for (Sent sent : toOffer) {
            offer(fresh, sent);
        }
    }

    private void offer(WorkerConnection to, Sent sent) {
        unacked.add(new Sent(null, sent.task, sent.from, sent.to));
        to.toServer(new FromWorker.Offer(sent.task.id().value(), sent.from, sent.task.results(sent.from, sent.to)));
    }

    @Override
    void sayAlive(WorkerConnection on) {
        Map<Long, Long> next = new HashMap<>();
        held.values().forEach(lease -> next.put(lease.lease, lease.next));
        on.toServer(new FromWorker.Heartbeat(next));
    }

    @Override
    void forgetAll() {
        running = null;
        held.clear();
        unacked.clear();
    }

    @Override
    void disconnected() {
        held.clear();
    }

    @Override
    void drain() {
        WorkerConnection on = connection;
        if (on == null || isLeaving || character.plain()) {
            return;
        }
        isLeaving = true;
        on.toServer(new FromWorker.Drain());
        leaveIfDone();
    }

    private void leaveIfDone() {
        WorkerConnection on = connection;
        if (isLeaving && running == null && on != null) {
            leave(on);
        }
    }

    // Its work.

    @Override
    void work() {
        if (running != null || connection == null || isLeaving) {
            return;
        }
        if (hungMs() > 0) {
            world.schedule(hungMs(), this::work);
            return;
        }
        for (Held lease : held.values()) {
            if (lease.next < lease.to) {
                begin(connection, lease);
                return;
            }
        }
    }

    private void begin(WorkerConnection on, Held lease) {
        long size = Math.min(lease.to - lease.next, 1 + random.nextLong(character.mostPerAnswer()));
        Batch batch = new Batch(on, lease, lease.next, lease.next + size);
        lease.next += size;
        running = batch;
        long ms = Math.max(1, size * character.msPerSubtask() / character.slots());
        world.schedule(ms, () -> finish(batch));
    }

    private void finish(Batch batch) {
        if (running != batch) {
            return; // It died.
        }
        if (hungMs() > 0) {
            world.schedule(hungMs(), () -> finish(batch));
            return;
        }
        running = null;
        SimulatedTask task = batch.lease.task;
        WorkerConnection on = connection;
        if (on == batch.connection) {
            if (!batch.isDropped) {
                answer(on, batch.lease, batch.from, batch.to);
            }
            if (batch.lease.next >= batch.lease.to) {
                held.remove(batch.lease.lease, batch.lease);
            }
            if (batch.lease.isCancelled) {
                release(on, batch.lease);
            }
        } else if (character.acks() && !task.spec().foldable() && !batch.isDropped) {
            Sent sent = new Sent(null, task, batch.from, batch.to);
            if (on == null) {
                unacked.add(sent);
            } else {
                offer(on, sent);
            }
        }
        leaveIfDone();
        work();
    }

    private void answer(WorkerConnection on, Held lease, long from, long to) {
        boolean isCombined = lease.task.spec().foldable() && to - from > 1;
        if (character.acks() && !isCombined) {
            unacked.add(new Sent(lease.lease, lease.task, from, to));
        }
        say(on, lease, from, to, isCombined);
    }

    private void say(WorkerConnection on, Held lease, long from, long to, boolean isCombined) {
        SimulatedTask task = lease.task;
        on.toServer(
                character.plain()
                        ? new Plain.SubtaskResult(task.id().value(), from, task.resultOf(from))
                        : isCombined
                                ? new FromWorker.Combined(lease.lease, from, to, task.folded(from, to))
                                : new FromWorker.Result(lease.lease, from, task.results(from, to)));
    }

    @Override
    void repeat(Held lease, long from, long to) {
        WorkerConnection on = connection;
        if (on != null) {
            say(on, lease, from, to, lease.task.spec().foldable() && to - from > 1);
        }
    }

    @Override
    void failNext(boolean isRetryable) {
        WorkerConnection on = connection;
        if (on == null) {
            return;
        }
        for (Held lease : held.values()) {
            if (lease.next < lease.to) {
                long index = lease.next++;
                on.toServer(
                        character.plain()
                                ? new Plain.SubtaskResult(lease.task.id().value(), index, TextNode.valueOf("it failed"))
                                : new FromWorker.SubtaskError(lease.lease, index, "it failed", isRetryable, null));
                if (lease.next == lease.to && (running == null || running.lease != lease)) {
                    held.remove(lease.lease);
                }
                return;
            }
        }
    }

    @Override
    void decline(SimulatedTask task) {
        WorkerConnection on = connection;
        if (on != null && character.derives().contains(task.spec().type())) {
            stop(task.id());
            on.toServer(new FromWorker.Decline(task.id().value()));
        }
    }

    // What it is told.

    @Override
    void receive(byte[] bytes, int offset, int length) {
        if (!character.plain()) {
            super.receive(bytes, offset, length);
            return;
        }
        try {
            JsonNode message = Json.read(bytes, offset, length);
            if (message.path("status").asText().equals("task_available")) {
                onPlain(message.path("subtask"));
            }
        } catch (ProtocolException e) {
            throw new Violation(this + " cannot read what it is sent: " + e);
        }
    }

    /** It gets a subtask, and hears of no lease. */
    private void onPlain(JsonNode subtask) {
        SimulatedTask task = world.task(new TaskId(subtask.path("task_id").asText()));
        long index = subtask.path("subtask_index").longValue();
        Violation.unless(
                subtask.path("range").path(0).longValue() == index
                        && subtask.path("range").path(1).longValue() == index,
                () -> subtask + " has the payload of another");
        begin(new Held(++subtasksGiven, task, index, index + 1));
    }

    @Override
    void on(ToWorker.Assign assign, SimulatedTask task) {
        begin(new Held(assign.lease(), task, assign.from(), assign.to()));
    }

    private void begin(Held lease) {
        if (!diesOf(lease)) {
            held.put(lease.lease, lease);
            work();
        }
    }

    /** Some workers do not know this message either. */
    @Override
    void on(ToWorker.Revoke revoke) {
        WorkerConnection on = connection;
        if (on == null || !character.releasesLeases()) {
            return;
        }
        Held lease = held.get(revoke.lease());
        long from = revoke.from();
        if (lease != null) {
            from = Math.max(revoke.from(), lease.next);
            lease.to = Math.min(lease.to, from);
            if (lease.next >= lease.to && (running == null || running.lease != lease)) {
                held.remove(lease.lease);
            }
        }
        on.toServer(new FromWorker.Released(revoke.lease(), from));
    }

    /** Some code stops at once, some does not stop before it is done; and some workers do not know this message. */
    @Override
    void on(ToWorker.CancelLease cancel) {
        WorkerConnection on = connection;
        if (on == null || !character.cancelsLeases()) {
            return;
        }
        Held lease = held.remove(cancel.lease());
        if (lease == null) {
            on.toServer(new FromWorker.Released(cancel.lease(), BEYOND_ANY_LEASE));
        } else if (running == null || running.lease != lease) {
            release(on, lease);
        } else if (random.nextBoolean()) {
            running = null;
            release(on, lease);
            leaveIfDone();
            work();
        } else {
            lease.to = lease.next;
            lease.isCancelled = true;
        }
    }

    private void release(WorkerConnection on, Held lease) {
        on.toServer(new FromWorker.Released(lease.lease, lease.from));
    }

    @Override
    void on(ToWorker.Ack ack) {
        unacked.removeIf(sent -> (ack.lease() == null
                        ? sent.lease == null && sent.task.id().value().equals(ack.taskId())
                        : ack.lease().equals(sent.lease))
                && ack.from() <= sent.from
                && sent.to <= ack.to());
    }

    @Override
    void onCancel(TaskId task) {
        stop(task);
        work();
    }

    private void stop(TaskId task) {
        held.values().removeIf(lease -> lease.task.id().equals(task));
        if (running != null && running.lease.task.id().equals(task)) {
            running.isDropped = true;
        }
    }

    @Override
    void onForget(TaskId task) {
        stop(task);
        unacked.removeIf(sent -> sent.task.id().equals(task));
    }
}
