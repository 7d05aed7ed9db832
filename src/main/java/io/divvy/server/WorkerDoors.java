package io.divvy.server;

import io.divvy.scheduler.WorkerId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The connected workers, by the name that the core knows them by. */
final class WorkerDoors {
    private final Map<WorkerId, WorkerDoor> doors = new HashMap<>();
    private long lastId;

    WorkerId open(WorkerDoor door) {
        WorkerId id = new WorkerId(++lastId);
        doors.put(id, door);
        return id;
    }

    void close(WorkerId id) {
        doors.remove(id);
    }

    /** Asks all workers to leave, because the server stops. */
    void sayGoodbye() {
        doors.values().forEach(door -> door.goAway(true));
    }

    int count() {
        return doors.size();
    }

    @Nullable
    WorkerDoor find(WorkerId id) {
        return doors.get(id);
    }
}
