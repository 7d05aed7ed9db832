package io.divvy.scheduler.world;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the story of a world that failed as short as it can: it leaves out steps for as long as the world fails in the same way
 * without them (delta debugging, "Simplifying and Isolating Failure-Inducing Input", Zeller and Hildebrandt, 2002).
 */
final class ShortStory {
    /** What is spent on looking for a shorter one: some seconds. */
    private static final long MOST_EVENTS = 3_000_000;

    private static final int MOST_LINES = 400;
    /** Where it failed: so much of the stack has to be the same. */
    private static final int SAME_CALLS = 4;

    private final long seed;
    private final WorldSettings.Store store;
    private final int steps;
    private final String failure;
    private long events;

    private ShortStory(long seed, WorldSettings.Store store, int steps, Throwable failure) {
        this.seed = seed;
        this.store = store;
        this.steps = steps;
        this.failure = signature(failure);
    }

    /** How a world failed, or null if all came to a good end. */
    static @Nullable Throwable failureOf(World world, int mostEvents) {
        try {
            world.run(mostEvents);
            return null;
        } catch (RuntimeException | AssertionError failure) {
            return failure;
        }
    }

    /**
     * The shortest story that was found, in plain words, with all that the core heard ({@code >}) and said ({@code <}).
     *
     * @param steps that befell the world by the time it failed
     */
    static String of(long seed, WorldSettings.Store store, int steps, Throwable failure) {
        ShortStory story = new ShortStory(seed, store, steps, failure);
        BitSet kept = story.shorten();
        Deque<String> lines = new ArrayDeque<>();
        Throwable again = story.replay(kept, line -> {
            lines.add(line);
            if (lines.size() > MOST_LINES) {
                lines.remove();
            }
        });
        String end = again == null ? "the shorter story ends well, so the story is not the same each time" : "" + again;
        return "seed " + seed + ", a store that " + store + ": " + failure.getMessage() + "\n\n" + kept.cardinality()
                + " of " + steps + " steps are left" + (lines.size() < MOST_LINES ? "" : " (the end of it)") + ":\n"
                + String.join("\n", lines) + "\n" + end;
    }

    private BitSet shorten() {
        BitSet kept = new BitSet();
        kept.set(0, steps);
        int parts = 2;
        while (kept.cardinality() > 1 && events < MOST_EVENTS) {
            BitSet shorter = withoutOnePart(kept, parts);
            if (shorter != null) {
                kept = shorter;
                parts = Math.max(2, parts - 1);
            } else if (parts < kept.cardinality()) {
                parts = Math.min(kept.cardinality(), 2 * parts);
            } else {
                return kept;
            }
        }
        return kept;
    }

    /** The steps without one of so many parts of them, if the world fails without it; or null. */
    private @Nullable BitSet withoutOnePart(BitSet kept, int parts) {
        int[] numbers = kept.stream().toArray();
        for (int part = parts - 1; part >= 0 && events < MOST_EVENTS; part--) {
            BitSet shorter = (BitSet) kept.clone();
            int from = (int) ((long) part * numbers.length / parts);
            int to = (int) ((long) (part + 1) * numbers.length / parts);
            for (int i = from; i < to; i++) {
                shorter.clear(numbers[i]);
            }
            Throwable other = replay(shorter, null);
            if (other != null && signature(other).equals(failure)) {
                return shorter;
            }
        }
        return null;
    }

    private @Nullable Throwable replay(BitSet kept, @Nullable Consumer<String> listener) {
        World world = new World(seed, store, listener);
        try {
            world.replay(steps, kept);
            return null;
        } catch (RuntimeException | AssertionError failure) {
            return failure;
        } finally {
            events += 100 + world.events();
        }
    }

    private static String signature(Throwable failure) {
        return failure.getClass().getName()
                + Stream.of(failure.getStackTrace())
                        .limit(SAME_CALLS)
                        .map(call -> " " + call.getClassName() + ":" + call.getLineNumber())
                        .collect(Collectors.joining());
    }
}
