package io.divvy.scheduler.world;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.Hello;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ServerHeartbeat;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.ToWorker;
import io.divvy.protocol.Welcome;
import io.divvy.scheduler.CoreInspection.Subtask;
import io.divvy.scheduler.Limits;
import io.divvy.state.TaskId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A worker process: how it lives, loses its connection and dies. What it does in between, each kind does in its own way. */
abstract class SimulatedWorker {
    static final long HEARTBEAT_MS = 5_000;
    private static final long RECONNECT_MS = 300;

    final String name;
    final World world;
    final Character character;
    final SplittableRandom random;

    /** No other worker has it, whatever it is called. */
    int number;

    @Nullable
    WorkerConnection connection;

    /** Leases that it ever had on this connection, for those that lie. */
    final List<Held> known = new ArrayList<>();

    private boolean isAlive = true;
    boolean isLeaving;
    long hungUntilMs;
    private boolean isSilent;
    /** How often it still dies as soon as it gets something. */
    private int crashes;
    /** Whether only with what it died with first. */
    private boolean isPicky;

    private @Nullable Held fatal;

    /**
     * What it is like, for as long as it lives.
     *
     * @param ships whether it is the worker that ships; others are clients in any language
     */
    record Character(
            boolean ships,
            boolean plain,
            int slots,
            int credit,
            @Nullable Set<String> types,
            Set<String> derives,
            boolean acks,
            boolean cancelsLeases,
            boolean releasesLeases,
            int msPerSubtask,
            long mostPerAnswer) {

        /** One that knows all messages. */
        Character shipped() {
            return new Character(
                    true, false, slots, credit, types, derives, true, true, true, msPerSubtask, mostPerAnswer);
        }
    }

    SimulatedWorker(World world, String name, Character character, SplittableRandom random) {
        this.world = world;
        this.name = name;
        this.character = character;
        this.random = random;
    }

    /** @param number that no other worker of the world has */
    static SimulatedWorker of(World world, int number, String name, Character character, SplittableRandom random) {
        SimulatedWorker worker = character.ships
                ? new ShippedWorker(world, name, character, random)
                : new ForeignWorker(world, name, character, random);
        worker.number = number;
        return worker;
    }

    /** What it says on each of its connections; null if it says nothing of the kind. */
    @Nullable
    abstract String instance();

    boolean isAlive() {
        return isAlive;
    }

    /** Results of which it does not know whether they are durable, in words; null if there are none. */
    @Nullable
    abstract String unacked();

    // Its life.

    final void connect() {
        if (!isAlive || connection != null) {
            return;
        }
        SimulatedServer server = world.server();
        if (!server.isRunning()) {
            world.schedule(RECONNECT_MS, this::connect);
            return;
        }
        WorkerConnection fresh = new WorkerConnection(world, server, this, random.split());
        fresh.mayBeSilent = isSilent && hungMs() > 0;
        connection = fresh;
        known.clear();
        fresh.toServer(hello());
        connected(fresh);
        if (!character.plain) {
            beat(fresh);
        }
    }

    private Hello hello() {
        return character.plain
                ? new Hello.PlainWorker()
                : new Hello.Worker(
                        name,
                        character.slots,
                        character.credit,
                        character.types,
                        character.derives,
                        character.acks,
                        null,
                        null,
                        instance());
    }

    /** It offers what it has. */
    abstract void connected(WorkerConnection fresh);

    private void beat(WorkerConnection on) {
        if (connection != on || !isAlive) {
            return;
        }
        if (!isSilent || hungUntilMs <= world.nowMs()) {
            sayAlive(on);
        }
        world.schedule(HEARTBEAT_MS, () -> beat(on));
    }

    abstract void sayAlive(WorkerConnection on);

    /** The process dies, with all that it had. */
    final void die() {
        isAlive = false;
        end(connection);
        forgetAll();
    }

    /** What it runs for that connection is what it ran last. */
    private void end(@Nullable WorkerConnection ending) {
        if (ending != null) {
            ending.ranLast = running();
        }
        connection = null;
    }

    /** What it runs now, if that can be told. */
    List<Subtask> running() {
        return List.of();
    }

    /** What it ran when it was last connected so. */
    final List<Subtask> ranLast(WorkerConnection on) {
        return connection == on ? running() : on.ranLast;
    }

    abstract void forgetAll();

    /**
     * From now on it dies with whatever it gets, so often; something starts it again each time.
     *
     * @param isPicky whether it dies again only with what it died with first, and works on what else it gets
     */
    final void crash(int times, boolean isPicky) {
        crashes = times;
        this.isPicky = isPicky;
        fatal = null;
    }

    /** It gets a lease. Returns whether that is its end. */
    final boolean diesOf(Held lease) {
        known.add(lease);
        WorkerConnection on = connection;
        Held first = fatal;
        boolean dies = on != null
                && crashes > 0
                && !isLeaving
                && (!isPicky
                        || first == null
                        || first.task == lease.task && lease.from <= first.from && first.from < lease.to);
        if (dies) {
            on.begun(lease.task.id(), lease.from, lease.to);
            crashes--;
            fatal = fatal == null ? lease : fatal;
            end(on);
            forgetAll();
            on.cut();
            world.schedule(1, on::gone);
            world.schedule(2 + random.nextInt(300), this::connect);
        }
        return dies;
    }

    /** It does nothing for a while. @param isSilent whether it shows no sign of life either */
    final void hang(long ms, boolean isSilent) {
        if (isSilent && connection != null) {
            connection.mayBeSilent = true;
        }
        hungUntilMs = Math.max(hungUntilMs, world.nowMs() + ms);
        this.isSilent = isSilent;
    }

    final long hungMs() {
        return hungUntilMs - world.nowMs();
    }

    final void wake() {
        hungUntilMs = 0;
        crashes = 0;
        work();
    }

    /** It heard that the connection is gone. */
    final void lost(WorkerConnection gone) {
        if (connection != gone) {
            return;
        }
        end(gone);
        disconnected();
        if (isLeaving) {
            die();
        } else {
            world.schedule(1 + random.nextInt(1_000), this::connect);
        }
    }

    abstract void disconnected();

    /** It takes nothing new, finishes what it has started, and goes. */
    abstract void drain();

    final void leave(WorkerConnection on) {
        on.leave();
        die();
    }

    // Its work.

    abstract void work();

    /** The subtask that it would start next fails. */
    abstract void failNext(boolean isRetryable);

    /** What it cannot derive it says, and drops. */
    void decline(SimulatedTask task) {}

    /** It answers something again that it answered before. */
    abstract void repeat(Held lease, long from, long to);

    // What it is told. All of it came over the present connection: the others are cut.

    /** A frame without its header. */
    void receive(byte[] bytes, int offset, int length) {
        try {
            ToWorker.read(bytes, offset, length).dispatch(told);
        } catch (ProtocolException e) {
            throw new Violation(this + " cannot read what it is sent: " + e);
        }
    }

    private final ToWorker.Handler told = new ToWorker.Handler() {
        @Override
        public void on(Welcome message) {
            Violation.unless(
                    message.heartbeatMs() == HEARTBEAT_MS, () -> SimulatedWorker.this + " is to beat as " + message);
        }

        @Override
        public void on(ServerHeartbeat message) {
            // The server is there.
        }

        @Override
        public void on(ErrorMessage message) {
            WorkerConnection on = connection;
            Violation.unless(
                    on == null || on.isTainted || !message.code().startsWith("bad_"),
                    () -> SimulatedWorker.this + " is told " + message + ", but that was an honest message");
        }

        @Override
        public void on(ToWorker.TaskDescription message) {
            SimulatedTask task = world.task(new TaskId(message.taskId()));
            TaskObject object = task.wanted.object();
            Violation.unless(
                    message.taskType().equals(object.type())
                            && message.params()
                                    .toString()
                                    .equals(object.params().toString())
                            && message.subtasks() == task.subtasks()
                            && message.chunk() == Limits.chunkSize(task.subtasks())
                            && message.fold() == task.spec().foldable()
                            && Objects.equals(message.subtaskTimeoutMs(), object.subtaskTimeoutMs()),
                    () -> object + " is described as " + message);
            SimulatedWorker.this.on(message, task);
        }

        @Override
        public void on(ToWorker.Assign message) {
            SimulatedTask task = world.task(new TaskId(message.taskId()));
            ToWorker.PayloadArray payloads = message.payloads();
            Violation.unless(
                    payloads == null || hasRight(payloads.toList(), message),
                    () -> message + " has the payloads of others");
            SimulatedWorker.this.on(message, task);
        }

        private boolean hasRight(List<JsonNode> payloads, ToWorker.Assign message) {
            for (int i = 0; i < payloads.size(); i++) {
                if (payloads.get(i).path(WorldType.START).longValue() != message.from() + i) {
                    return false;
                }
            }
            return payloads.size() == message.to() - message.from();
        }

        @Override
        public void on(ToWorker.Ack message) {
            SimulatedWorker.this.on(message);
        }

        @Override
        public void on(ToWorker.Revoke message) {
            SimulatedWorker.this.on(message);
        }

        @Override
        public void on(ToWorker.CancelLease message) {
            SimulatedWorker.this.on(message);
        }

        @Override
        public void on(ToWorker.Cancel message) {
            onCancel(new TaskId(message.taskId()));
        }

        @Override
        public void on(ToWorker.Forget message) {
            onForget(new TaskId(message.taskId()));
        }

        @Override
        public void on(ToWorker.GoAway message) {
            drain();
        }

        @Override
        public void on(ToWorker.Unknown message) {
            throw new Violation(SimulatedWorker.this + " is told " + message);
        }
    };

    void on(ToWorker.TaskDescription description, SimulatedTask task) {}

    abstract void on(ToWorker.Assign assign, SimulatedTask task);

    abstract void on(ToWorker.Revoke revoke);

    abstract void on(ToWorker.CancelLease cancel);

    abstract void on(ToWorker.Ack ack);

    abstract void onCancel(TaskId task);

    abstract void onForget(TaskId task);

    @Override
    public String toString() {
        return name;
    }
}
