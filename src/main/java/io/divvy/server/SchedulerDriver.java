package io.divvy.server;

import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.TurnObserver;
import io.divvy.scheduler.WorkerId;
import io.divvy.server.session.Core;
import io.divvy.state.TaskId;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the core: hands it events, and runs the effects that come back in their order. Running an effect may lead to the next
 * event; its effects are queued behind, so that nothing overtakes and the stack stays flat.
 */
final class SchedulerDriver implements Core {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerDriver.class);

    private final Scheduler scheduler;
    private final LongSupplier nowMs;
    private final @Nullable TurnObserver observer;
    private final Queue<Effect> pending = new ArrayDeque<>();
    private Effect.@Nullable Handler executor;
    private @Nullable AmendsFor amends;

    private OnBroken onBroken = (why, cause) -> {};
    private boolean running;
    private boolean broken;

    /** Hears that nothing more can be done, once. */
    interface OnBroken {
        void broke(FatalEnd.Reason why, Throwable cause);
    }

    /** What is done about effects that fail for that reason. */
    interface AmendsFor {
        Effect.Handler failure(Throwable cause);
    }

    /** @param observer hears of each turn of the scheduler before anything is done about it, or is null */
    SchedulerDriver(Scheduler scheduler, LongSupplier nowMs, @Nullable TurnObserver observer) {
        this.scheduler = scheduler;
        this.nowMs = nowMs;
        this.observer = observer;
    }

    void start(Effect.Handler effectExecutor, AmendsFor amendsFor, OnBroken onBroken) {
        this.onBroken = onBroken;
        amends = amendsFor;
        executor = effectExecutor;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    @Override
    public @Nullable TaskId taskOf(WorkerId worker, long lease, long from, long to) {
        return scheduler.taskOf(worker, lease, from, to);
    }

    long nowMs() {
        return nowMs.getAsLong();
    }

    /**
     * An event that somebody's words or wishes led to, who is to hear of an exception. One that is refused by an exception has
     * changed nothing. After an error nobody knows what has changed.
     */
    @Override
    public void handle(Event event) {
        if (broken) {
            return;
        }
        List<Effect> effects;
        try {
            effects = turn(event, nowMs.getAsLong());
        } catch (Error e) {
            breakDown(FatalEnd.Reason.CORE_BROKE, e);
            throw e;
        }
        run(effects);
    }

    /**
     * An event of this server itself: nobody sent anything that could be refused. If the core throws at it, nobody knows what
     * has changed, and what the core was to hear is lost.
     */
    void handleOwn(Event event) {
        if (broken) {
            return;
        }
        List<Effect> effects;
        try {
            effects = turn(event, nowMs.getAsLong());
        } catch (RuntimeException | Error e) {
            breakDown(FatalEnd.Reason.CORE_BROKE, e);
            throw e;
        }
        run(effects);
    }

    /** Runs what is due. A timer that throws may have changed the half of something, and will not come again. */
    void tick(long now) {
        if (broken || scheduler.nextDeadlineMs() > now) {
            return;
        }
        List<Effect> effects;
        try {
            effects = turn(null, now);
        } catch (RuntimeException | Error e) {
            breakDown(FatalEnd.Reason.CORE_BROKE, e);
            throw e;
        }
        run(effects);
    }

    /** @param event null if only the time has come */
    private List<Effect> turn(@Nullable Event event, long now) {
        if (observer == null) {
            return takeTurn(event, now);
        }
        List<Effect> effects;
        try {
            effects = takeTurn(event, now);
        } catch (RuntimeException | Error e) {
            observer.refused(now, event, e);
            throw e;
        }
        observer.turn(now, event, effects);
        return effects;
    }

    private List<Effect> takeTurn(@Nullable Event event, long now) {
        return event == null ? scheduler.tick(now) : scheduler.handle(event, now);
    }

    private void breakDown(FatalEnd.Reason why, Throwable cause) {
        broken = true;
        pending.clear();
        onBroken.broke(why, cause);
    }

    /** When the next tick is needed at the latest. */
    long nextDeadlineMs() {
        return broken ? Long.MAX_VALUE : scheduler.nextDeadlineMs();
    }

    private void run(List<Effect> effects) {
        pending.addAll(effects);
        if (running || executor == null) {
            return;
        }
        running = true;
        try {
            for (Effect next = pending.poll(); next != null; next = pending.poll()) {
                perform(next, executor);
            }
        } finally {
            running = false;
        }
    }

    /** A mistake in what one effect leads to must not keep back the others: they are somebody else's. */
    private void perform(Effect effect, Effect.Handler executor) {
        try {
            effect.dispatch(executor);
        } catch (RuntimeException | Error e) {
            makeAmends(effect, e);
        }
    }

    private void makeAmends(Effect effect, Throwable cause) {
        if (broken || amends == null) {
            return; // It was the core: that is told.
        }
        try {
            logFailure(effect, cause);
            effect.dispatch(amends.failure(cause));
        } catch (RuntimeException | Error e) {
            breakDown(FatalEnd.Reason.EFFECT_BROKE, e);
        }
    }

    private static void logFailure(Effect effect, Throwable cause) {
        try {
            LOG.error("an effect failed: {}", effect.getClass().getSimpleName(), cause);
        } catch (OutOfMemoryError e) {
            // To do something about it may need less.
        }
    }
}
