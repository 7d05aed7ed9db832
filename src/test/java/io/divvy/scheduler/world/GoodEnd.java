package io.divvy.scheduler.world;

import io.divvy.scheduler.CoreInspection;
import java.util.List;

/** What has to be so when all is over. */
final class GoodEnd {
    private GoodEnd() {}

    static void requireTasks(List<SimulatedTask> tasks, SimulatedStore store) {
        for (SimulatedTask task : tasks) {
            Saved stored = store.find(task.id());
            if (task.isDeleted) {
                Violation.unless(stored == null, () -> task + " was deleted, and is there at the end");
                continue;
            }
            Violation.unless(
                    !task.isAccepted || stored != null && stored.end != null,
                    () -> task + " was accepted, and is not there at the end");
            // Whether it ended as it had to was looked at when that was stored.
        }
    }

    static void requireWorkers(List<SimulatedWorker> workers, SimulatedServer server) {
        for (SimulatedWorker worker : workers) {
            WorkerConnection connection = worker.connection;
            Violation.unless(
                    connection == null || connection.isTainted || connection.wasRefused || worker.unacked() == null,
                    () -> worker + " never heard what became of " + worker.unacked());
            Violation.unless(
                    connection == null
                            || connection.isTainted
                            || connection.id == null
                            || !CoreInspection.isStalled(server.core, connection.id),
                    () -> worker + " did all that it was asked to, but is taken to stand still");
            Violation.unless(connection == null || !connection.isPaused(), () -> "nobody reads from the " + connection);
        }
    }

    /** They die, and the server hears of that at once. */
    static void leave(List<SimulatedWorker> workers) {
        for (SimulatedWorker worker : workers) {
            WorkerConnection last = worker.connection;
            worker.die();
            if (last != null) {
                last.gone();
            }
        }
    }
}
