package io.divvy.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.TaskTypeStatus;
import io.divvy.protocol.WorkerStatus;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerSnapshot;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What people can see of workers and do with them. On the loop's thread. */
final class WorkerDesk {
    private static final int PLAIN_DIALECT = 1;
    private static final int PROTOCOL = 2;

    private final SchedulerDriver driver;
    private final WorkerDoors doors;
    private final Map<String, ObjectNode> paramsSchemas;

    /** @param paramsSchemas of the types that the server has, by name */
    WorkerDesk(SchedulerDriver driver, WorkerDoors doors, Map<String, ObjectNode> paramsSchemas) {
        this.driver = driver;
        this.doors = doors;
        this.paramsSchemas = paramsSchemas;
    }

    /** In the order in which they connected. */
    List<WorkerStatus> workers() {
        return driver.scheduler().workers().stream().map(this::status).toList();
    }

    /** Asks a worker to leave. Shows it after that; empty if there is none of that id. */
    Optional<WorkerStatus> drain(WorkerId id) {
        WorkerSnapshot before = driver.scheduler().worker(id);
        if (before == null) {
            return Optional.empty();
        }
        WorkerStatus last = status(before);
        driver.handle(new Event.WorkerDrainRequested(id));
        WorkerSnapshot after = driver.scheduler().worker(id);
        // A plain worker that is idle is gone by now; it was here when it was asked.
        return Optional.of(after == null ? last.thatDrains() : status(after));
    }

    /** The types that the server has, and those that workers take by name. In the order of their names. */
    List<TaskTypeStatus> taskTypes() {
        List<WorkerSnapshot> staying = driver.scheduler().workers().stream()
                .filter(worker -> !worker.draining())
                .toList();
        Set<String> names = new TreeSet<>(paramsSchemas.keySet());
        for (WorkerSnapshot worker : staying) {
            Set<String> taken = worker.taskTypes();
            if (taken != null) {
                names.addAll(taken);
            }
        }
        return names.stream().map(name -> status(name, staying)).toList();
    }

    private TaskTypeStatus status(String name, List<WorkerSnapshot> workers) {
        ObjectNode schema = paramsSchemas.get(name);
        int takers = (int) workers.stream()
                .filter(worker -> takes(worker.taskTypes(), name))
                .count();
        return new TaskTypeStatus(name, schema != null, schema, takers);
    }

    private static boolean takes(@Nullable Set<String> taken, String name) {
        return taken == null || taken.contains(name);
    }

    private WorkerStatus status(WorkerSnapshot worker) {
        Set<String> taken = worker.taskTypes();
        Long quarantinedUntil = worker.quarantinedUntilMs();
        return new WorkerStatus(
                Long.toString(worker.id().value()),
                worker.name(),
                address(worker.id()),
                worker.plain() ? PLAIN_DIALECT : PROTOCOL,
                worker.slots(),
                worker.credit(),
                worker.creditInUse(),
                taken == null ? List.of("*") : List.copyOf(taken),
                List.copyOf(worker.derives()),
                worker.draining(),
                quarantinedUntil == null ? null : Instant.ofEpochMilli(quarantinedUntil),
                worker.openLeases(),
                worker.subtasksDone(),
                Instant.ofEpochMilli(worker.joinedMs()),
                Instant.ofEpochMilli(worker.lastSeenMs()));
    }

    private @Nullable String address(WorkerId id) {
        WorkerDoor door = doors.find(id);
        InetSocketAddress address = door == null ? null : door.address();
        if (address == null) {
            return null;
        }
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
