package io.divvy.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.TaskTypeStatus;
import io.divvy.protocol.WorkerStatus;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerSnapshot;
import io.divvy.server.session.DeclaredTypes;
import io.divvy.server.session.WorkerDoor;
import io.divvy.server.session.WorkerDoors;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What people can see of workers and do with them. On the loop's thread, unless it says otherwise. */
final class WorkerDesk {
    /** Workers that one step of a query looks at: a fraction of a millisecond. */
    private static final int WORKERS_PER_STEP = 500;

    private static final int PLAIN_DIALECT = 1;
    private static final int PROTOCOL = 2;

    private final SchedulerDriver driver;
    private final WorkerDoors doors;
    private final Map<String, ObjectNode> paramsSchemas;
    private final DeclaredTypes declared;

    /** @param paramsSchemas of the types that the server has, by name */
    WorkerDesk(SchedulerDriver driver, WorkerDoors doors, Map<String, ObjectNode> paramsSchemas) {
        this.driver = driver;
        this.doors = doors;
        this.paramsSchemas = paramsSchemas;
        this.declared = doors.declaredTypes();
    }

    /**
     * All workers, in the order in which they connected. It is a query of several steps, as there may be many; a worker that
     * comes meanwhile is not among them.
     *
     * @return the first step
     */
    BooleanSupplier workers(Consumer<List<WorkerStatus>> listed) {
        List<WorkerId> ids = doors.ids();
        List<WorkerStatus> seen = new ArrayList<>(ids.size());
        Iterator<WorkerId> next = ids.iterator();
        return () -> {
            for (int looked = 0; looked < WORKERS_PER_STEP && next.hasNext(); looked++) {
                WorkerSnapshot worker = driver.scheduler().worker(next.next());
                if (worker != null) {
                    seen.add(status(worker));
                }
            }
            if (!next.hasNext()) {
                listed.accept(seen);
            }
            return next.hasNext();
        };
    }

    /** Asks a worker to leave. Shows it after that; empty if there is none of that id. */
    Optional<WorkerStatus> drain(WorkerId id) {
        WorkerSnapshot before = driver.scheduler().worker(id);
        if (before == null) {
            return Optional.empty();
        }
        WorkerStatus last = status(before);
        doors.drains(id);
        driver.handle(new Event.WorkerDrainRequested(id));
        WorkerSnapshot after = driver.scheduler().worker(id);
        // A plain worker that is idle is gone by now; it was here when it was asked.
        return Optional.of(after == null ? last.thatDrains() : status(after));
    }

    /** The types that the server has, and those that workers take by name. In the order of their names. From any thread. */
    List<TaskTypeStatus> taskTypes() {
        Set<String> names = new TreeSet<>(paramsSchemas.keySet());
        names.addAll(declared.namesTaken());
        return names.stream().map(this::status).toList();
    }

    private TaskTypeStatus status(String name) {
        ObjectNode schema = paramsSchemas.get(name);
        return new TaskTypeStatus(name, schema != null, schema, declared.takers(name));
    }

    private WorkerStatus status(WorkerSnapshot worker) {
        Set<String> taken = worker.taskTypes();
        Long quarantinedUntil = worker.quarantinedUntilMs();
        WorkerStatus.Draft status = new WorkerStatus.Draft(
                Long.toString(worker.id().value()),
                worker.name(),
                worker.plain() ? PLAIN_DIALECT : PROTOCOL,
                Instant.ofEpochMilli(worker.joinedMs()),
                Instant.ofEpochMilli(worker.lastSeenMs()));
        status.address = address(worker.id());
        status.slots = worker.slots();
        status.credit = worker.credit();
        status.creditInUse = worker.creditInUse();
        status.taskTypes = taken == null ? List.of("*") : taken;
        status.derives = worker.derives();
        status.draining = worker.draining();
        status.quarantinedUntil = quarantinedUntil == null ? null : Instant.ofEpochMilli(quarantinedUntil);
        status.openLeases = worker.openLeases();
        status.subtasksDone = worker.subtasksDone();
        return status.finish();
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
