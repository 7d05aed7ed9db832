package io.divvy.server.session;

import io.divvy.protocol.ProtocolException;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerIdentity;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The connected workers, by the id that the core knows them by. */
public final class WorkerDoors {
    private final Map<WorkerId, Entry> doors = new LinkedHashMap<>();
    /** Of those that said an instance, which connection each has. */
    private final Map<Life, WorkerId> lives = new HashMap<>();

    private final WorkerNames names = new WorkerNames();
    private final DeclaredTypes types;
    private long lastId;

    private record Entry(
            WorkerDoor door, @Nullable Life life, WorkerNames.Claim name, DeclaredTypes.Declaration types) {}

    /** A worker process, on whatever connection. */
    private record Life(String host, String name, String instance) {}

    /** @param declaredTypeBytes what the task types that all of them name may take together */
    public WorkerDoors(long declaredTypeBytes) {
        types = new DeclaredTypes(declaredTypeBytes);
    }

    /**
     * What a worker is known by that came in, and what it declared.
     *
     * @param id what it is known by while it is connected
     * @param identity what it is known by across its connections
     * @param taskTypes what it takes, as it said; null for any type
     * @param derives the types whose payloads it makes itself, as it said
     */
    public record Entrance(
            WorkerId id, WorkerIdentity identity, @Nullable Set<String> taskTypes, Set<String> derives) {}

    /**
     * A worker comes in. A connection that the same instance of it had before is given up, and is no death: whatever is on
     * the way between lost it before its end was seen here.
     *
     * @param name that the worker gave itself, or null: then it is called after its host
     * @param instance the same on all connections of one worker process; null if it did not say
     * @param taskTypes what it takes; null for any type
     * @throws ProtocolException if there is no room for what it declares
     */
    public Entrance open(
            WorkerDoor door,
            @Nullable String name,
            @Nullable String instance,
            @Nullable Set<String> taskTypes,
            Set<String> derives)
            throws ProtocolException {
        InetSocketAddress address = door.address();
        String host = address == null ? "" : address.getAddress().getHostAddress();
        String wanted = name != null ? name : host.isEmpty() ? "worker" : host;
        Life life = instance == null ? null : new Life(host, wanted, instance);
        WorkerDoor former = life == null ? null : find(lives.get(life));
        if (former != null) {
            former.supersede();
        }
        DeclaredTypes.Declaration declared = types.declare(taskTypes, derives);
        WorkerId id = new WorkerId(++lastId);
        WorkerNames.Claim claim = names.claim(wanted);
        doors.put(id, new Entry(door, life, claim, declared));
        if (life != null) {
            lives.put(life, id);
        }
        return new Entrance(id, new WorkerIdentity(host, claim.name()), declared.taskTypes(), declared.derives());
    }

    /** The worker drains: it gets nothing new. */
    public void drains(WorkerId id) {
        Entry entry = doors.get(id);
        if (entry != null) {
            types.drain(entry.types);
        }
    }

    public void close(WorkerId id) {
        Entry closed = doors.remove(id);
        if (closed != null) {
            names.release(closed.name);
            if (closed.life != null) {
                lives.remove(closed.life, id);
            }
            types.withdraw(closed.types);
        }
    }

    /** The task types that they named. */
    public DeclaredTypes declaredTypes() {
        return types;
    }

    /** Asks all workers to leave, because the server stops. */
    public void sayGoodbye() {
        doors.values().forEach(entry -> entry.door.goAway(true));
    }

    /** All of them, in the order in which they connected. */
    public List<WorkerId> ids() {
        return List.copyOf(doors.keySet());
    }

    public int count() {
        return doors.size();
    }

    public @Nullable WorkerDoor find(@Nullable WorkerId id) {
        Entry entry = id == null ? null : doors.get(id);
        return entry == null ? null : entry.door;
    }
}
