package io.divvy.scheduler.world;

import io.divvy.net.ConnectionHandler;
import io.divvy.protocol.TaskObject;
import io.divvy.scheduler.CoreInspection;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Scheduler;
import io.divvy.server.ShippedServer;
import io.divvy.server.StrandedTasksException;
import io.divvy.server.session.Tasks;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.store.StoreOpenException;
import io.divvy.task.TaskType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One life of the server: the one that ships, on a loop that may stand still, with a clock that may jump. */
final class SimulatedServer implements ShippedServer.Surroundings {
    private static final int MOST_TICKS_AT_ONCE = 20;
    /** To look at all tasks and workers costs much. */
    private static final int TICKS_PER_LOOK = 16;
    /** Ticks in which nothing happens, after which it is looked at what workers hold all the same. */
    private static final int MOST_TICKS_PER_LOOK = 4;

    private static final long NOT_PAUSED = -1;
    private final World world;
    private final WorldSettings settings;
    private final SplittableRandom random;
    private final CoreOracle oracle;
    private final ShippedServer server;
    final Scheduler core;

    private final List<Connection> connections = new ArrayList<>();
    private final Queue<Runnable> mailbox = new ArrayDeque<>();
    /** Whose frame is looked at, or whose end. */
    private @Nullable WorkerConnection heard;

    private boolean isRunning = true;
    private long pausedUntilMs;
    private long pausedSinceMs = NOT_PAUSED;
    /** What calls of foreign code take at most; 0 for no time. */
    private long computeMs;

    private long ticks;
    private int ticksAtOnce;
    /** Whether the core was told or said anything since it was last looked at. */
    private boolean hasActed;

    private int ticksSinceLook;

    /** It reads what a former server left behind. */
    SimulatedServer(World world, SimulatedStore store, SplittableRandom random) {
        this.world = world;
        this.settings = world.settings();
        this.random = random;
        this.oracle = new CoreOracle(world, store, this::submitted);
        try {
            this.server = new ShippedServer(settings.limits(), random.nextLong(), WorldType.ALL, store, this);
        } catch (StoreOpenException | StrandedTasksException e) {
            throw new Violation("what a former server left behind cannot be taken up: " + e);
        }
        this.core = server.core();
    }

    /** It takes that up. */
    void start() {
        server.start();
    }

    private TaskObject submitted(TaskId task) {
        return server.submitted(task);
    }

    boolean isRunning() {
        return isRunning;
    }

    Tasks tasks() {
        return server.tasks();
    }

    /** What was submitted as an open task, the very object; null if it is not open. */
    @Nullable
    TaskObject submittedAs(SimulatedTask task) {
        return core.find(task.id()) == null ? null : server.submitted(task.id());
    }

    /** How many wait for tasks. */
    int watchers() {
        return server.watchers();
    }

    void delete(TaskId task) {
        inLoop(() -> server.delete(task, deleted -> {}));
    }

    /** @param submission what a task object becomes that somebody submits */
    void rerun(TaskId task, Function<TaskObject, DeskSubmission> submission) {
        server.rerun(task, object -> {
            DeskSubmission again = submission.apply(object);
            return new ShippedServer.Again(again.object(), again.reply());
        });
    }

    /** What comes of it, the core says. */
    void patch(TaskId task, TaskPatch patch) {
        server.patch(task, patch);
    }

    void crash() {
        isRunning = false;
        connections.forEach(Connection::cut);
    }

    // Its loop.

    /** It stands still for a while; what comes waits. */
    void pause(long ms) {
        if (!isPaused()) {
            pausedSinceMs = world.nowMs();
        }
        pausedUntilMs = Math.max(pausedUntilMs, world.nowMs() + ms);
        world.schedule(pausedUntilMs - world.nowMs(), this::goOn);
    }

    private void goOn() {
        if (isRunning && !isPaused() && pausedSinceMs != NOT_PAUSED) {
            long ms = world.nowMs() - pausedSinceMs;
            pausedSinceMs = NOT_PAUSED;
            oracle.time().lost(ms);
            server.lost(ms);
        }
        while (isRunning && !isPaused() && !mailbox.isEmpty()) {
            mailbox.remove().run();
        }
    }

    private boolean isPaused() {
        return pausedUntilMs > world.nowMs();
    }

    void heal() {
        pausedUntilMs = 0;
        computeMs = 0;
        goOn();
    }

    void inLoop(Runnable action) {
        if (isPaused() || !mailbox.isEmpty()) {
            mailbox.add(action);
        } else if (isRunning) {
            action.run();
        }
    }

    @Override
    public Executor loop() {
        return this::inLoop;
    }

    @Override
    public void after(long ms, Runnable action) {
        world.schedule(ms, () -> inLoop(action));
    }

    @Override
    public Scheduled schedule(long dueMs, Runnable action) {
        boolean[] isCancelled = new boolean[1];
        world.scheduleAt(Math.max(world.nowMs(), dueMs - world.clockSkewMs()), () -> {
            if (!isCancelled[0]) {
                inLoop(() -> {
                    if (!isCancelled[0]) {
                        action.run();
                    }
                });
            }
        });
        return () -> isCancelled[0] = true;
    }

    // Its clock.

    @Override
    public long nowMs() {
        return world.clockMs();
    }

    /** What its clock showed says nothing of how long something waits now. */
    void clockTurned() {
        oracle.workers().clockTurned();
    }

    /** When it wants to be ticked, in the world's time. */
    long nextTickMs() {
        long deadlineMs = isRunning ? server.nextDeadlineMs() : Long.MAX_VALUE;
        return deadlineMs == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : Math.max(deadlineMs - world.clockSkewMs(), pausedUntilMs);
    }

    void tick() {
        Violation.unless(
                ++ticksAtOnce < MOST_TICKS_AT_ONCE, () -> "a deadline is set in the past again and again: " + core);
        long before = server.nextDeadlineMs();
        server.tick();
        ticksSinceLook++;
        boolean isThorough = ++ticks % TICKS_PER_LOOK == 0;
        if (hasActed || isThorough || ticksSinceLook == MOST_TICKS_PER_LOOK) {
            hasActed = false;
            ticksSinceLook = 0;
            oracle.workers().look(core, isThorough);
        }
        if (server.nextDeadlineMs() > before) {
            ticksAtOnce = 0;
        }
    }

    // The code of task types.

    void computeFor(long mostMs) {
        computeMs = mostMs;
    }

    @Override
    public boolean isForeign(TaskType type) {
        return type == WorldType.LETTERS;
    }

    @Override
    public long callMs() {
        return computeMs == 0 ? 0 : random.nextLong(computeMs);
    }

    @Override
    public ShippedServer.Fault faultOf(TaskObject task) {
        return world.takeFault(task);
    }

    // What comes to it.

    ConnectionHandler accept(Connection connection) {
        connections.add(connection);
        return server.accept(connection);
    }

    /** A frame of that connection, or its end, is looked at. */
    void hears(Connection connection, Runnable look) {
        heard = connection instanceof WorkerConnection worker ? worker : null;
        look.run();
        heard = null;
    }

    /** The worker of the connection is gone. */
    void leaves(WorkerConnection connection) {
        connection.isGone = true;
        oracle.takeOver(connection);
    }

    /** People ask a worker to leave. */
    void askToDrain(WorkerConnection connection) {
        inLoop(() -> {
            if (connection.id != null && !connection.isClosed()) {
                server.handle(new Event.WorkerDrainRequested(connection.id));
            }
        });
    }

    // What it says.

    @Override
    public void turned(@Nullable Event event, List<Effect> effects) {
        hasActed |= event != null || !effects.isEmpty();
        world.happened(event, effects);
        world.check(() -> oracle.turned(core, event, effects, heard));
    }

    @Override
    public void broke(String what, Throwable cause) {
        world.violated(new Violation(what + ": " + cause, cause));
    }

    /** Nothing is left of what it had to do. */
    void requireNothingLeft() {
        CoreInspection.checkInvariants(core);
        Violation.unless(core.connectedWorkers() == 0, () -> "workers that left are there: " + core.workers());
        Violation.unless(
                !CoreInspection.waitsForSomething(core), () -> "with nothing to do the core waits for something");
        String leftover = server.leftover();
        Violation.unless(leftover == null, () -> "with nothing to do the server keeps " + leftover);
    }
}
