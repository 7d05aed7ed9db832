package io.divvy.server;

import io.divvy.net.ConnectionHandler;
import io.divvy.net.Peer;
import io.divvy.net.Timeline;
import io.divvy.protocol.TaskObject;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.RetryPolicy;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.TurnObserver;
import io.divvy.server.session.Tasks;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.store.StoreOpenException;
import io.divvy.store.TaskStore;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The server that ships, for simulated worlds: all of it but sockets, threads and the clock.
 */
public final class ShippedServer {
    /** A hundred payloads of the world, more or less, go with one lease. */
    private static final int ASSIGN_BYTES = 2_000;
    /** Few enough that senders of the world come to it. */
    public static final int TASKS_PER_SENDER = 5;

    private final Engine engine;
    private final Surroundings around;
    private final TaskStore store;
    private final Recovery recovery;

    /** What is around it. All is called on what stands for its loop. */
    public interface Surroundings extends Timeline {
        /** Runs what comes from elsewhere. */
        Executor loop();

        /** Does something later, on the loop, if the server still runs. */
        void after(long ms, Runnable action);

        /** Whether the type is code that did not ship. */
        boolean isForeign(TaskType type);

        /** How long the next call of foreign code takes; 0 for no time. */
        long callMs();

        /** What the next call of foreign code for the task does wrong. */
        Fault faultOf(TaskObject task);

        /** The core was told this and answered that, of which nothing is done yet. */
        void turned(@Nullable Event event, List<Effect> effects);

        /** Something threw that nothing outside of the server can have led to. */
        void broke(String what, Throwable cause);
    }

    /** What code can do wrong. */
    public enum Fault {
        NONE,
        THROWS,
        HANGS
    }

    /**
     * It reads the unfinished tasks of the store.
     *
     * @param limits of the scheduler; others are the usual ones
     */
    public ShippedServer(Limits limits, long seed, TaskTypes types, TaskStore store, Surroundings around)
            throws StrandedTasksException, StoreOpenException {
        this.around = around;
        this.store = store;
        SimulatedLanes lanes = new SimulatedLanes(types, around);
        recovery = Recovery.prepare(store, types, lanes, OnStranded.REFUSE_TO_START);
        TaskIds ids = new TaskIds(around::nowMs, new Random(seed));
        Engine.Settings settings = new Engine.Settings(
                limits,
                RetryPolicy.DEFAULT,
                ServerLimits.DEFAULT.with(draft -> {
                    draft.assignBytes = ASSIGN_BYTES;
                    draft.tasksPerSender = TASKS_PER_SENDER;
                }),
                seed,
                "simulated");
        engine = new Engine(settings, lanes, store, new Engine.Surroundings(around, ids, new Turns()));
        engine.driver.start(
                engine.executor(),
                cause -> {
                    around.broke("an effect failed", cause);
                    return engine.amends(cause);
                },
                (why, cause) -> around.broke(why.text(), cause));
    }

    /** It goes on with them. */
    public void start() {
        store.start(
                around.loop(), new StoreHealth(engine.driver, () -> around.broke("the store is lost", new Error())));
        recovery.handOver(engine.driver, engine.desk);
    }

    private final class Turns implements TurnObserver {
        @Override
        public void turn(long nowMs, @Nullable Event event, List<Effect> effects) {
            around.turned(event, effects);
        }

        @Override
        public void refused(long nowMs, @Nullable Event event, Throwable why) {
            around.broke("the scheduler refused " + event, why);
        }
    }

    public Scheduler core() {
        return engine.driver.scheduler();
    }

    public Tasks tasks() {
        return engine.desk;
    }

    /** Who hears what comes from a new peer. */
    public ConnectionHandler accept(Peer peer) {
        return engine.sessions.apply(peer);
    }

    /** What was submitted as the task, the very object. */
    public TaskObject submitted(TaskId task) {
        return engine.desk.work(task).object();
    }

    /** @param deleted hears whether there was a finished task */
    public void delete(TaskId task, Consumer<Boolean> deleted) {
        engine.desk.delete(task, answer -> deleted.accept(answer.equals(Optional.of(TaskDesk.Deletion.DELETED))));
    }

    /** What is submitted in place of a finished task, and who hears of it. */
    public record Again(TaskObject object, Tasks.SubmitReply reply) {}

    /** Runs a finished task again, if its store has what is needed for that. */
    public void rerun(TaskId task, Function<TaskObject, Again> submission) {
        engine.desk
                .reruns()
                .findFirst(
                        task,
                        found -> found.filter(rerun -> rerun.task().texts().whole() != null)
                                .ifPresent(rerun -> {
                                    Again again = submission.apply(RerunObject.of(rerun, null));
                                    engine.desk.submit(again.object(), HeadStart.of(rerun), again.reply());
                                }),
                        refused -> {});
    }

    /** Changes a task, if it is open. */
    public void patch(TaskId task, TaskPatch patch) {
        engine.desk.patch(task, patch, patched -> {}, refused -> {});
    }

    /** How many wait for open tasks, and how many answers wait for others before them. */
    public int watchers() {
        return engine.desk.gauges().watchers();
    }

    public void handle(Event event) {
        engine.driver.handle(event);
    }

    public void tick() {
        engine.driver.tick(around.nowMs());
    }

    /** It stood still for so long. */
    public void lost(long ms) {
        engine.lost(ms);
    }

    public long nextDeadlineMs() {
        return engine.driver.nextDeadlineMs();
    }

    /** What is kept though nothing is open, in words; null if nothing is. */
    public @Nullable String leftover() {
        DeskGauges desk = engine.desk.gauges();
        long bytes = engine.answers.bytes()
                + engine.submissionRoom.taken()
                + engine.doors.declaredTypes().bytes();
        int patches = engine.desk.unansweredPatches();
        return bytes == 0 && patches == 0 && desk.equals(new DeskGauges(0, 0, 0)) && engine.doors.count() == 0
                ? null
                : desk + ", " + bytes + " bytes, " + patches + " changes, " + engine.doors.count() + " workers";
    }
}
