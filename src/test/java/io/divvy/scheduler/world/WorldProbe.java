package io.divvy.scheduler.world;

import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Runs one world of a seed with each store: how a core that came from another class loader is tried. */
public final class WorldProbe implements LongFunction<@Nullable String> {
    private static final int EVENTS = 2_000;

    /** What is wrong with the core, or null if this seed does not show it. */
    @Override
    public @Nullable String apply(long seed) {
        for (WorldSettings.Store store : WorldSettings.Store.values()) {
            Throwable failure = ShortStory.failureOf(new World(seed, store, null), EVENTS);
            if (failure != null) {
                return failure.toString();
            }
        }
        return null;
    }
}
