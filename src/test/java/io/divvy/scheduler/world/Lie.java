package io.divvy.scheduler.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.protocol.CombineMode;
import io.divvy.protocol.FromWorker;
import io.divvy.protocol.Message;
import io.divvy.protocol.Plain;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.ResultValues;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a worker that cannot be trusted says: of leases that it does not have, of indexes that are not in them, in the wrong
 * form, at the wrong time. Only the results themselves are always true, as nobody could tell if they were not.
 */
final class Lie {
    private final String words;
    /** Null where it is no message. */
    private final @Nullable Function<WorkerConnection, Message> message;

    private final byte[] garbage;

    /** @param message is made when it comes to the server: who lies may hit a lease that it does not mean */
    private Lie(String words, Function<WorkerConnection, Message> message) {
        this.words = words;
        this.message = message;
        this.garbage = new byte[0];
    }

    private Lie(String garbage) {
        this.words = garbage;
        this.message = null;
        this.garbage = garbage.getBytes(StandardCharsets.UTF_8);
    }

    void tell(WorkerConnection connection) {
        Function<WorkerConnection, Message> saying = message;
        if (saying == null) {
            connection.garbageToServer(garbage);
        } else {
            connection.toServer(() -> saying.apply(connection), false);
        }
    }

    @Override
    public String toString() {
        return words;
    }

    /** Something wrong, or out of place, about a lease that the worker has or had. */
    static Lie about(SimulatedWorker worker, Held lease, SplittableRandom salt) {
        if (worker.character.plain()) {
            return ofPlain(lease, salt);
        }
        SimulatedTask task = lease.task;
        long number = lease.lease;
        long within = lease.from + salt.nextLong(Math.max(1, lease.to - lease.from));
        long end = Math.max(lease.to, within + 1);
        return switch (salt.nextInt(17)) {
            case 0 -> answer(number, task, lease.from, end + 1);
            case 1 -> answer(number, task, ProtocolLimits.MAX_EXACT_NUMBER, ProtocolLimits.MAX_EXACT_NUMBER + 1);
            case 2 -> answer(number, task, -1, 0);
            case 3 -> answer(number, task, within, within);
            case 4 -> answer(number + 1 + salt.nextInt(5), task, within, end);
            case 5 -> combined(number, task, within, end);
            case 6 -> answer(number, task, within, within + 1);
            case 7 -> said(new FromWorker.SubtaskError(number, end + salt.nextInt(3), "it failed", true, null));
            case 8 -> said(new FromWorker.SubtaskError(number + 1, within, "it failed", false, null));
            case 9 -> said(new FromWorker.Heartbeat(Map.of(number, salt.nextLong())));
            case 10 -> said(new FromWorker.Released(number, within));
            case 11 -> said(new FromWorker.Released(number, 0));
            case 12 -> offer(task, within, end);
            case 13 -> offer(task, Math.max(0, task.subtasks() - 2), task.subtasks() + salt.nextInt(3));
            case 14 -> noNumber(number, task, within);
            case 15 -> new Lie("{\"type\":\"result\",\"lease\":" + number + ",\"from\":" + within);
            default -> new Lie("{\"type\":\"nonsense\",\"lease\":" + number + "}");
        };
    }

    private static Lie ofPlain(Held lease, SplittableRandom salt) {
        String task = lease.task.id().value();
        return switch (salt.nextInt(4)) {
            case 0 -> said(new Plain.SubtaskResult(task, lease.from + 1, lease.task.resultOf(lease.from + 1)));
            case 1 -> said(new Plain.SubtaskResult("another", lease.from, lease.task.resultOf(lease.from)));
            case 2 -> new Lie("{\"task_id\":\"" + task + "\",\"subtask_index\":" + lease.from + "}");
            default -> new Lie("{\"task_id\":");
        };
    }

    /** Results of a task of which the worker may never have had anything; null if it has no word for that. */
    static @Nullable Lie ofOffer(SimulatedWorker worker, SimulatedTask task) {
        return worker.character.plain() ? null : offer(task, 0, task.subtasks());
    }

    private static Lie said(Message message) {
        return new Lie(message.toString(), connection -> message);
    }

    /** True results of whatever the lease is of, and however wrong the range is. */
    private static Lie answer(long lease, SimulatedTask task, long from, long to) {
        return new Lie(
                "results of [" + from + ", " + to + ") for lease " + lease,
                connection -> new FromWorker.Result(
                        lease, from, taskOf(connection, lease, task).results(from, to)));
    }

    private static Lie combined(long lease, SimulatedTask task, long from, long to) {
        return new Lie(
                "one result of [" + from + ", " + to + ") for lease " + lease,
                connection -> new FromWorker.Combined(
                        lease, from, to, taskOf(connection, lease, task).folded(from, to)));
    }

    /** Where a task takes anything for a result, nobody could tell. */
    private static Lie noNumber(long lease, SimulatedTask task, long index) {
        return new Lie("no number for lease " + lease, connection -> {
            SimulatedTask meant = taskOf(connection, lease, task);
            CombineMode combine = meant.wanted.combine();
            boolean takesNumbers = combine == null || combine == CombineMode.SUM || combine == CombineMode.MAX;
            // Now and then others stand beside it, which are true.
            long after = Math.min(meant.subtasks(), index + 1 + index % 3);
            List<JsonNode> results = new ArrayList<>();
            results.add(takesNumbers ? TextNode.valueOf("no number") : meant.resultOf(index));
            for (long next = index + 1; next < after; next++) {
                results.add(meant.resultOf(next));
            }
            return new FromWorker.Result(lease, index, ResultValues.of(results));
        });
    }

    private static SimulatedTask taskOf(WorkerConnection connection, long number, SimulatedTask otherwise) {
        WorkerConnection.Lease lease = connection.leases.get(number);
        return lease == null ? otherwise : connection.worker.world.task(lease.task);
    }

    private static Lie offer(SimulatedTask task, long from, long to) {
        return new Lie(
                "an offer of [" + from + ", " + to + ") of " + task,
                connection -> new FromWorker.Offer(task.id().value(), from, task.results(from, to)));
    }
}
