package io.divvy.scheduler;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hears of each turn of a {@link Scheduler}, on its thread, and changes nothing. */
public interface TurnObserver {
    /**
     * A turn of the scheduler.
     *
     * @param nowMs what it was told, since the epoch
     * @param event what it was told, or null if only that time has come
     * @param effects what it wants done, of which nothing is done yet
     */
    void turn(long nowMs, @Nullable Event event, List<Effect> effects);

    /** A turn that the scheduler refused by an exception, or in which it broke. */
    void refused(long nowMs, @Nullable Event event, Throwable why);
}
