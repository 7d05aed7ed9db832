package io.divvy.server;

import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerIdentity;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The connected workers, by the id that the core knows them by. */
final class WorkerDoors {
    private final Map<WorkerId, Entry> doors = new HashMap<>();
    private final WorkerNames names = new WorkerNames();
    private long lastId;

    private record Entry(WorkerDoor door, WorkerNames.Claim name) {}

    /** What a worker is known by while it is connected, and what it is known by across its connections. */
    record Entrance(WorkerId id, WorkerIdentity identity) {}

    /** @param name that the worker gave itself, or null: then it is called after its host */
    Entrance open(WorkerDoor door, @Nullable String name) {
        WorkerId id = new WorkerId(++lastId);
        InetSocketAddress address = door.address();
        String host = address == null ? "" : address.getAddress().getHostAddress();
        WorkerNames.Claim claim = names.claim(name != null ? name : host.isEmpty() ? "worker" : host);
        doors.put(id, new Entry(door, claim));
        return new Entrance(id, new WorkerIdentity(host, claim.name()));
    }

    void close(WorkerId id) {
        Entry closed = doors.remove(id);
        if (closed != null) {
            names.release(closed.name);
        }
    }

    /** Asks all workers to leave, because the server stops. */
    void sayGoodbye() {
        doors.values().forEach(entry -> entry.door.goAway(true));
    }

    int count() {
        return doors.size();
    }

    @Nullable
    WorkerDoor find(WorkerId id) {
        Entry entry = doors.get(id);
        return entry == null ? null : entry.door;
    }
}
