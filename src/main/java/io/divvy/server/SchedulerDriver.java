package io.divvy.server;

import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Scheduler;
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
final class SchedulerDriver {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerDriver.class);

    private final Scheduler scheduler;
    private final LongSupplier nowMs;
    private final Queue<Effect> pending = new ArrayDeque<>();
    private Effect.@Nullable Handler executor;

    private boolean running;

    SchedulerDriver(Scheduler scheduler, LongSupplier nowMs) {
        this.scheduler = scheduler;
        this.nowMs = nowMs;
    }

    void start(Effect.Handler effectExecutor) {
        executor = effectExecutor;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    long nowMs() {
        return nowMs.getAsLong();
    }

    void handle(Event event) {
        run(scheduler.handle(event, nowMs.getAsLong()));
    }

    /** Runs what is due. */
    void tick(long now) {
        if (scheduler.nextDeadlineMs() <= now) {
            run(scheduler.tick(now));
        }
    }

    /** When the next tick is needed at the latest. */
    long nextDeadlineMs() {
        return scheduler.nextDeadlineMs();
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
    private static void perform(Effect effect, Effect.Handler executor) {
        try {
            effect.dispatch(executor);
        } catch (RuntimeException | Error e) {
            LOG.error("an effect failed: {}", effect.getClass().getSimpleName(), e);
        }
    }
}
