package io.divvy.server;

import io.divvy.net.Timeline;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.RetryPolicy;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.TurnObserver;
import io.divvy.server.session.Introduction;
import io.divvy.server.session.Sessions;
import io.divvy.server.session.WorkerDoors;
import io.divvy.store.TaskStore;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler and all that makes its effects happen: desk, sessions, persistence, calls of task types. It has no socket, no
 * thread and no clock of its own, so a simulated world turns the same one as a server.
 */
final class Engine {
    final SchedulerDriver driver;
    final TaskDesk desk;
    final WorkerDoors doors;
    /** Of peers, whose frames are told to their sessions. */
    final Sessions sessions;

    final Persistence persistence;
    final AnswerRoom answers;
    /** What submissions take that wait for a look-up. */
    final ByteBudget submissionRoom;

    /** Of the server, to peers. */
    final Introduction introduction;

    private final TypeCalls calls;

    /**
     * How an engine is to be.
     *
     * @param seed of the jitter of retries
     * @param name what the server calls itself to its peers
     */
    record Settings(Limits limits, RetryPolicy retryPolicy, ServerLimits serverLimits, long seed, String name) {}

    /**
     * What is around an engine.
     *
     * @param loop whose thread all of it is used on
     * @param ids of new tasks
     * @param observer hears of each turn of the scheduler, or is null
     */
    record Surroundings(
            Timeline loop, TaskIds ids, @Nullable TurnObserver observer) {}

    Engine(Settings settings, CodeLanes lanes, TaskStore store, Surroundings around) {
        Timeline loop = around.loop;
        ServerLimits limits = settings.serverLimits;
        this.introduction = new Introduction(settings.name);
        this.driver = new SchedulerDriver(
                new Scheduler(settings.limits, settings.retryPolicy, store.isDurable(), settings.seed),
                loop::nowMs,
                around.observer);
        this.submissionRoom = new ByteBudget(limits.submissionBytes());
        KeyLookups keys = new KeyLookups(store, driver.scheduler()::isTaken, submissionRoom);
        this.answers = new AnswerRoom(limits.allAnswerBytes());
        Submissions submissions = new Submissions(driver, lanes, around.ids, keys, new TaskWorks(answers));
        WatchDesk watching = new WatchDesk(driver, store, new TaskWatchers(limits.watcherBytes()), loop::schedule);
        TaskNames names = new TaskNames(driver, store, turn -> loop.schedule(loop.nowMs() + 1, turn));
        this.desk = new TaskDesk(
                driver,
                store,
                new TaskDesk.Lookup(names, new TaskViews(limits.inlineResultBytes())),
                submissions,
                watching);
        this.doors = new WorkerDoors(limits.declaredTypeBytes());
        this.persistence = new Persistence(driver, desk, store, answers);
        this.calls = new TypeCalls(driver, desk, answers, limits);
        this.sessions = new Sessions(driver, desk, doors, loop, limits.sessions(introduction));
    }

    /** To be called before anything happens. */
    void start(SchedulerDriver.OnBroken onBroken) {
        driver.start(executor(), this::amends, onBroken);
    }

    Effect.Handler executor() {
        return new EffectExecutor(desk, doors, persistence, answers, calls);
    }

    /** What is done about effects that fail for that reason. */
    Effect.Handler amends(Throwable cause) {
        return new Amends(driver, desk, doors, persistence, cause);
    }

    /** This process stood still for so long. */
    void lost(long ms) {
        driver.handleOwn(new Event.TimeLost(ms));
    }
}
