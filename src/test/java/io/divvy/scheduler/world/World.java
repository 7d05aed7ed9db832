package io.divvy.scheduler.world;

import io.divvy.protocol.TaskObject;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Explanation;
import io.divvy.server.ShippedServer;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All that goes on around the core, in virtual time and from one seed. First the steps of the seed befall it; then all that is
 * broken is mended, and everything has to come to a good end.
 */
final class World {
    /** A world that does not come to its end in so much time, or so many events, never will. */
    private static final long LONGEST_END_MS = 4 * 3_600_000L;

    private static final int MOST_EVENTS_OF_END = 400_000;
    /** Long enough for what is on its way, and for a worker that went away unheard to be missed. */
    private static final long LAST_WORDS_MS = 120_000;

    private static final int STEPS_PER_EXPLANATION = 4;

    private final long seed;
    private final WorldSettings settings;
    private final @Nullable Consumer<String> listener;
    private final PriorityQueue<Happening> queue = new PriorityQueue<>();
    private final SplittableRandom random;
    private final SimulatedStore store;
    private final Map<TaskId, SimulatedTask> byId = new HashMap<>();
    private final Wants wants = new Wants();
    private final Senders senders;
    /** By what names tasks were asked to be cancelled. */
    private final Set<String> cancelledNames = new HashSet<>();

    /** What the next call of foreign code for a task does wrong, by what was submitted. */
    private final Map<TaskObject, ShippedServer.Fault> faults = new IdentityHashMap<>();

    private final Director director;

    /** In the order in which they came to the server. */
    final List<SimulatedTask> tasks = new ArrayList<>();
    /** Those that live. */
    final List<SimulatedWorker> workers = new ArrayList<>();

    private SimulatedServer server;
    private long nowMs = 1_700_000_000_000L;
    private long clockSkewMs;
    private long latestClockMs;
    private long happenings;
    private long ordinals;
    private @Nullable Violation violation;
    private int events;
    private int steps;

    /** @param listener hears all that goes on, in plain words, or is null */
    World(long seed, WorldSettings.Store store, @Nullable Consumer<String> listener) {
        this.seed = seed;
        this.listener = listener;
        this.random = new SplittableRandom(mix(seed ^ 0x5DEECE66DL));
        this.settings = WorldSettings.of(store, random);
        this.store = new SimulatedStore(this, settings, random.split());
        this.senders = new Senders(this, this.store, random.split());
        this.server = new SimulatedServer(this, this.store, random.split());
        this.director = new Director(this, this.store, random.split());
        server.start();
    }

    /** Good bits of a number, the same each time: the finalizer of SplitMix64. */
    static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** Lets steps befall it until the core had so many events, and then all come to an end. */
    void run(int mostEvents) {
        while (events < mostEvents) {
            perform(true);
        }
        comeToAnEnd();
    }

    /** Lets only some of its first steps befall it, each at its time, and then all come to an end. */
    void replay(int firstSteps, BitSet kept) {
        while (steps < firstSteps) {
            perform(kept.get(steps));
        }
        comeToAnEnd();
    }

    private void perform(boolean isKept) {
        Step step = Step.of(seed, steps, settings.mostStepMs());
        steps++;
        passUntil(nowMs + step.afterMs());
        if (isKept) {
            director.perform(step);
            if (server.isRunning()) {
                if (steps % STEPS_PER_EXPLANATION == 0) {
                    requireExplained();
                }
                senders.requireRight(server);
            }
            requireNoViolation();
        }
    }

    /** How many steps befell it. */
    int steps() {
        return steps;
    }

    /** How many turns the core took. */
    int events() {
        return events;
    }

    // Time.

    long nowMs() {
        return nowMs;
    }

    /** What the server's clock shows. It may jump. */
    long clockMs() {
        return nowMs + clockSkewMs;
    }

    long clockSkewMs() {
        return clockSkewMs;
    }

    void turnClock(long ms) {
        latestClockMs = Math.max(latestClockMs, clockMs());
        clockSkewMs += ms;
        server.clockTurned();
    }

    void schedule(long inMs, Runnable action) {
        scheduleAt(nowMs + inMs, action);
    }

    void scheduleAt(long atMs, Runnable action) {
        queue.add(new Happening(atMs, happenings++, action));
    }

    private void passUntil(long untilMs) {
        while (true) {
            Happening next = queue.peek();
            long tickMs = server.nextTickMs();
            if (next != null && next.atMs() <= untilMs && next.atMs() <= tickMs) {
                queue.remove();
                nowMs = Math.max(nowMs, next.atMs());
                next.action().run();
                requireNoViolation();
            } else if (tickMs <= untilMs) {
                nowMs = Math.max(nowMs, tickMs);
                server.tick();
                requireNoViolation();
            } else {
                nowMs = untilMs;
                return;
            }
        }
    }

    // Its parts.

    WorldSettings settings() {
        return settings;
    }

    SimulatedServer server() {
        return server;
    }

    SimulatedTask task(TaskId id) {
        return Violation.ifNull(byId.get(id), () -> "nobody ever submitted " + id);
    }

    /** Those of which the server knows. */
    List<SimulatedTask> openTasks() {
        List<SimulatedTask> open = new ArrayList<>();
        server.core.visitOpen(null, task -> open.add(task(task.spec().id())));
        return open;
    }

    SimulatedStore store() {
        return store;
    }

    Wants wants() {
        return wants;
    }

    Senders senders() {
        return senders;
    }

    /** What the server takes for a new task. */
    SimulatedTask arrives(TaskObject object, Event.TaskSubmitted event) {
        Wanted wanted = wants.of(object);
        SimulatedTask task =
                new SimulatedTask(wanted, event.spec(), event.size().bytes(), ++ordinals);
        task.requireRightSpec();
        Violation.unless(event.size().subtasks() == task.subtasks(), () -> event + ", but it has " + task.subtasks());
        task.isCancelRequested =
                cancelledNames.contains(String.valueOf(task.spec().alias()));
        tasks.add(task);
        Violation.unless(byId.put(task.id(), task) == null, () -> event + ", but a former task had that id");
        wanted.tasks.add(task);
        return task;
    }

    /** It was not a new task. */
    void isKnownAlready(SimulatedTask task) {
        byId.remove(task.id());
        tasks.remove(task);
        task.wanted.tasks.remove(task);
    }

    /** The task of that id or alias that a sender may know of, or null. */
    @Nullable
    SimulatedTask named(String name) {
        SimulatedTask task = byId.get(new TaskId(name));
        if (task == null || task.isDeleted) {
            Saved aliased = store.find(SubmitKey.plainId(name));
            return aliased == null ? null : aliased.task;
        }
        return task;
    }

    /** A sender asks to cancel the task of that id or alias, which may be another by the time that the server hears it. */
    void cancelRequested(String name) {
        cancelledNames.add(name);
        SimulatedTask named = byId.get(new TaskId(name));
        if (named != null) {
            named.isCancelRequested = true;
        }
        for (Wanted wanted : wants.of(SubmitKey.plainId(name))) {
            wanted.tasks.forEach(task -> task.isCancelRequested = true);
        }
    }

    /** Whether a task was deleted that had its key. */
    boolean wasDeleted(Wanted wanted) {
        SubmitKey key = wanted.key();
        return key != null
                && wants.of(key).stream().anyMatch(other -> other.tasks.stream().anyMatch(task -> task.isDeleted));
    }

    /** The next call of foreign code for the task goes wrong. */
    void plan(SimulatedTask task, ShippedServer.Fault fault) {
        TaskObject open = server.submittedAs(task);
        if (open != null) {
            faults.put(open, fault);
        }
    }

    ShippedServer.Fault takeFault(TaskObject object) {
        ShippedServer.Fault fault = faults.remove(object);
        return fault == null ? ShippedServer.Fault.NONE : fault;
    }

    void crashServer(long downMs) {
        note(() -> "the server dies, and comes back after " + downMs + " ms");
        store.serverCrashed();
        server.crash();
        senders.serverDied();
        for (SimulatedWorker worker : workers) {
            WorkerConnection lost = worker.connection;
            if (lost != null) {
                lost.cut();
                schedule(random.nextInt(100), () -> worker.lost(lost));
            }
        }
        schedule(downMs, () -> {
            note(() -> "the server is back");
            SimulatedServer fresh = new SimulatedServer(this, store, random.split());
            server = fresh;
            fresh.start();
            senders.serverIsBack(fresh);
        });
    }

    // What is told of it.

    void note(Supplier<String> what) {
        if (listener != null) {
            tell("  " + what.get());
        }
    }

    /** Without the addresses of objects: these are never the same. */
    private void tell(String line) {
        if (listener != null) {
            listener.accept(nowMs % 1_000_000_000L + line.replaceAll("@[0-9a-f]{1,8}\\b", ""));
        }
    }

    /** @param event null if time passed */
    void happened(@Nullable Event event, List<Effect> effects) {
        events++;
        if (listener != null) {
            tell("    > " + (event == null ? "time passes" : event));
            effects.forEach(effect -> tell("    < " + effect));
        }
    }

    // What has to be so.

    /** Something was seen that must not be. The server would take what is thrown for its own failure. */
    void violated(Violation seen) {
        violation = violation == null ? seen : violation;
    }

    /** Looks at something where nothing may be thrown. */
    void check(Runnable look) {
        try {
            look.run();
        } catch (Violation e) {
            violated(e);
        } catch (RuntimeException e) {
            violated(new Violation("the world itself failed: " + e, e));
        }
    }

    private void requireNoViolation() {
        if (violation != null) {
            throw violation;
        }
    }

    private void requireExplained() {
        if (tasks.isEmpty()) {
            return;
        }
        SimulatedTask task = tasks.get(random.nextInt(tasks.size()));
        List<Explanation> reasons = server.core.explain(task.id());
        Violation.unless(reasons == null || !reasons.isEmpty(), () -> "no reason why it goes on: " + task);
    }

    // Its end.

    private void comeToAnEnd() {
        note(() -> "from here on nothing goes wrong any more");
        store.heal();
        server.heal();
        clockSkewMs = Math.max(clockSkewMs, latestClockMs - nowMs);
        server.clockTurned();
        director.mendAll();
        long untilMs = nowMs + LONGEST_END_MS;
        int lastEvent = events + MOST_EVENTS_OF_END;
        while (!isDone()) {
            Violation.unless(nowMs < untilMs && events < lastEvent, () -> "not all comes to an end: " + unfinished());
            director.resumeAll();
            passUntil(nowMs + 1_000);
        }
        passUntil(nowMs + LAST_WORDS_MS);
        GoodEnd.requireTasks(tasks, store);
        GoodEnd.requireWorkers(workers, server);
        senders.requireRight(server);
        GoodEnd.leave(workers);
        senders.leave();
        passUntil(nowMs + LAST_WORDS_MS);
        server.requireNothingLeft();
        requireNoViolation();
    }

    private boolean isDone() {
        return server.isRunning() && senders.areServed() && server.core.openTasks() == 0 && store.isIdle();
    }

    private String unfinished() {
        List<String> unfinished = new ArrayList<>();
        for (SimulatedTask task : tasks) {
            TaskSnapshot open = server.core.find(task.id());
            if (open != null) {
                unfinished.add(open + " because " + server.core.explain(task.id()));
            }
        }
        return senders.unserved() + " " + unfinished + " " + server.core.workers();
    }
}
