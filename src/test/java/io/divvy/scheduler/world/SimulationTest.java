package io.divvy.scheduler.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Anything happens to the core that may happen to it, in any order, nonsense too. However it goes, after every event the books
 * are right; and when it is over every task has ended, the answers are right to the last bit, and nothing that was
 * acknowledged is lost.
 *
 * <p>A world that fails names its seed. {@code mvn test -Dtest=SimulationTest -Ddivvy.simulation.from=SEED
 * -Ddivvy.simulation.seeds=1} runs it alone; {@code mvn test -Psimulation} runs very many.
 */
class SimulationTest {
    private static final long FROM = Long.getLong("divvy.simulation.from", 0);
    private static final long SEEDS = Long.getLong("divvy.simulation.seeds", 200);
    private static final String STORY = "divvy.simulation.story";
    private static final int EVENTS = Integer.getInteger("divvy.simulation.events", 2_000);

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES) // For very many seeds on a busy machine.
    void allComesToAGoodEnd() {
        OptionalLong failed = LongStream.range(FROM, FROM + SEEDS)
                .parallel()
                .filter(seed -> ShortStory.failureOf(world(seed), EVENTS) != null)
                .min();
        if (failed.isPresent()) {
            long seed = failed.getAsLong();
            World world = world(seed);
            Throwable failure = ShortStory.failureOf(world, EVENTS);
            assertNotNull(failure, "seed " + seed + " does not go the same way each time");
            fail(ShortStory.of(seed, WorldSettings.Store.of(seed), world.steps(), failure), failure);
        }
    }

    private static World world(long seed) {
        return new World(seed, WorldSettings.Store.of(seed), null);
    }

    /** {@code mvn test -Dseed=17 -Dstory=target/story.txt} writes down all that goes on in the world of a seed that ends well. */
    @Test
    @EnabledIfSystemProperty(named = STORY, matches = ".+")
    void aStoryCanBeTold() throws IOException {
        WorldSettings.Store store = WorldSettings.Store.of(FROM);
        List<String> lines = new ArrayList<>(List.of("seed " + FROM + ", a store that " + store));
        Throwable failure = ShortStory.failureOf(new World(FROM, store, lines::add), EVENTS);
        lines.add(failure == null ? "all comes to a good end\n" : failure + "\n");
        Files.write(Path.of(System.getProperty(STORY)), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1_000_001, 1_000_002, 1_000_003, 1_000_004})
    void theSameSeedGivesTheSameWorld(long seed) {
        assertEquals(all(seed), all(seed));
    }

    @Test
    void anotherSeedGivesAnotherWorld() {
        assertNotEquals(all(1), all(2));
    }

    private static List<String> all(long seed) {
        List<String> told = new ArrayList<>();
        Throwable failure =
                ShortStory.failureOf(new World(seed, WorldSettings.Store.IS_SLOW_AND_FAILS, told::add), 1_000);
        assertEquals(null, failure);
        return told;
    }
}
