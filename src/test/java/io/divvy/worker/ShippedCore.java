package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import io.divvy.protocol.FromWorker;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.ToWorker;
import io.divvy.worker.LeaseQueue.Batch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The core of the worker that ships, for simulated worlds, which have slots, connections and time of their own. */
public final class ShippedCore {
    private final WorkerCore core;
    /** What each slot has. */
    private final Map<Integer, Batch> batches = new HashMap<>();

    /** See {@link WorkerCore.Slots}. */
    public interface Slots {
        long halt(int slot);

        void interrupt(int slot);
    }

    /**
     * What a slot is to run, as {@link WorkerCore} says.
     *
     * @param order how many leases came before its own
     */
    public record Taken(String task, long from, long to, long order, boolean isFolded) {}

    public ShippedCore(int slots, Slots hands) {
        core = new WorkerCore(slots, new WorkerCore.Slots() {
            @Override
            public long halt(int slot) {
                return hands.halt(slot);
            }

            @Override
            public void interrupt(int slot) {
                hands.interrupt(slot);
            }
        });
    }

    public void connected() {
        core.connected();
    }

    public void disconnected() {
        core.disconnected();
    }

    public void drain() {
        core.drain();
    }

    public void beat() {
        core.beat();
    }

    public boolean isIdle() {
        return core.isIdle();
    }

    /** About how many bytes of results may not be durable. */
    public long unackedBytes() {
        return core.unackedBytes();
    }

    /** @param derives whether it can make the payloads by itself */
    public void describe(ToWorker.TaskDescription description, boolean derives) {
        Letters type = new Letters((payload, context) -> payload, (all, from, to, context) -> LongNode.valueOf(from));
        core.described(
                derives
                        ? WorkerTask.deriving(description, type, failure -> {})
                        : WorkerTask.withoutDeriving(description, type));
    }

    public void assign(ToWorker.Assign lease) {
        core.assign(lease);
    }

    public void acked(ToWorker.Ack ack) {
        core.acked(ack);
    }

    public void revoke(long lease, long from) {
        core.revoke(lease, from);
    }

    public void cancelLease(long lease) {
        core.cancelLease(lease);
    }

    public void cancelTask(String task) {
        core.cancelTask(task);
    }

    public void forget(String task) {
        core.forget(task);
    }

    public @Nullable Taken take(int slot) {
        Batch batch = core.take(slot);
        if (batch == null) {
            return null;
        }
        batches.put(slot, batch);
        return new Taken(
                batch.task().id(),
                batch.from(),
                batch.to(),
                batch.lease().origin().order(),
                batch.isFoldable());
    }

    public void answered(int slot, long from, ResultValues results) {
        core.answered(slot, new FromWorker.Result(batches.get(slot).lease().number(), from, results));
    }

    public void folded(int slot, JsonNode result) {
        Batch batch = batches.get(slot);
        core.folded(slot, new FromWorker.Combined(batch.lease().number(), batch.from(), batch.to(), result));
    }

    public void failed(int slot, long index, boolean isRetryable) {
        core.failed(slot, index, new SubtaskFailure("it failed", isRetryable, null));
    }

    public void finished(int slot, long next, double nanosPerSubtask) {
        batches.remove(slot).task().measured(nanosPerSubtask);
        core.finished(slot, next);
    }

    /** What it has to say on the present connection since this was asked last. */
    public List<FromWorker> said() {
        List<FromWorker> said = new ArrayList<>();
        for (WorkerEffect effect : core.effects()) {
            if (effect instanceof WorkerEffect.Send send) {
                said.add(send.message());
            } else {
                throw new IllegalStateException("an honest server is left: " + effect);
            }
        }
        return said;
    }
}
