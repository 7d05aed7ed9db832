package io.divvy.scheduler.world;

import io.divvy.scheduler.Event;
import io.divvy.scheduler.world.SimulatedWorker.Held;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What a worker that cannot be trusted says: of leases that it does not have, of indexes that are not in them, in the wrong
 * form, at the wrong time. Only the results themselves are always true, as nobody could tell if they were not.
 */
final class Lie {
    private Lie() {}

    /** Something wrong, or out of place, about a lease that the worker has or had. */
    static Event about(Held lease, Connection connection, SplittableRandom salt) {
        SimulatedTask task = lease.task;
        long number = lease.lease;
        long within = lease.from + salt.nextLong(Math.max(1, lease.to - lease.from));
        long end = Math.max(lease.to, within + 1);
        return switch (salt.nextInt(14)) {
            case 0 -> answer(connection, number, task, lease.from, end + 1, false, salt);
            case 1 -> answer(connection, number, task, Long.MAX_VALUE, Long.MIN_VALUE, false, salt);
            case 2 -> answer(connection, number, task, -1, 0, false, salt);
            case 3 -> answer(connection, number, task, end, within, false, salt);
            case 4 -> answer(connection, number + 1 + salt.nextInt(5), task, within, end, false, salt);
            case 5 -> answer(connection, number, task, within, end, true, salt);
            case 6 -> answer(connection, number, task, within, within + 1, false, salt);
            case 7 -> new Event.SubtaskFailed(connection.id, number, end + salt.nextInt(3), "it failed", true);
            case 8 -> new Event.SubtaskFailed(connection.id, number + 1, within, "it failed", false);
            case 9 -> new Event.Heartbeat(connection.id, Map.of(number, salt.nextLong(), -1L, 0L));
            case 10 -> new Event.LeaseReleased(connection.id, number, within);
            case 11 -> new Event.LeaseReleased(connection.id, number, Long.MIN_VALUE);
            case 12 -> offer(connection, task, within, end, salt);
            default -> offer(connection, task, Math.max(0, task.subtasks - 2), task.subtasks + salt.nextInt(3), salt);
        };
    }

    /** True results for as much of the range as there is, whatever else is wrong. */
    private static Event answer(
            Connection connection,
            long lease,
            SimulatedTask task,
            long from,
            long to,
            boolean isCombined,
            SplittableRandom salt) {
        SimulatedResults results = new SimulatedResults(task, from, to - from, isCombined, salt.nextInt(500));
        return new Event.ResultsArrived(connection.id, lease, from, to, results, isCombined);
    }

    static Event offer(Connection connection, SimulatedTask task, long from, long to, SplittableRandom salt) {
        return new Event.ResultsOffered(
                connection.id,
                task.spec.id(),
                from,
                to,
                new SimulatedResults(task, from, to - from, false, salt.nextInt(500)));
    }
}
