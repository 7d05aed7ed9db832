package io.divvy.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Timers.Timer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every deadline of the core. */
class TimersTest {
    private final Timers timers = new Timers();
    private final List<String> fired = new ArrayList<>();

    @Test
    void timersFireInTheOrderOfTheirDeadlines() {
        at(30, "c");
        at(10, "a");
        at(20, "b");
        assertEquals(10, timers.nextDeadlineMs());
        timers.fire(9);
        assertEquals(List.of(), fired);
        timers.fire(20);
        assertEquals(List.of("a", "b"), fired);
        assertEquals(30, timers.nextDeadlineMs());
        timers.fire(1_000);
        assertEquals(List.of("a", "b", "c"), fired);
        assertEquals(Timers.NEVER, timers.nextDeadlineMs());
    }

    @Test
    void equalDeadlinesFireInTheOrderInWhichTheyWereSet() {
        for (int i = 0; i < 20; i++) {
            at(10, "t" + i);
        }
        timers.fire(10);
        for (int i = 0; i < 20; i++) {
            assertEquals("t" + i, fired.get(i));
        }
    }

    @Test
    void aCancelledTimerIsRemovedAtOnce() {
        Timer timer = at(10, "a");
        at(20, "b");
        assertEquals(10, timer.dueMs());
        timers.cancel(timer);
        assertEquals(1, timers.size());
        assertEquals(20, timers.nextDeadlineMs());
        timers.cancel(timer);
        timers.cancel(null);
        timers.fire(100);
        assertEquals(List.of("b"), fired);
    }

    @Test
    void cancellingATimerThatFiredDoesNothing() {
        Timer timer = at(10, "a");
        at(20, "b");
        timers.fire(10);
        timers.cancel(timer);
        assertEquals(1, timers.size());
    }

    @Test
    void aTimerThatAnActionSetsAndIsDueFiresInTheSameCall() {
        timers.schedule(10, () -> {
            fired.add("a");
            at(5, "set by a");
            at(11, "later");
        });
        timers.fire(10);
        assertEquals(List.of("a", "set by a"), fired);
        assertEquals(11, timers.nextDeadlineMs());
    }

    @Test
    void anActionMayCancelAnotherTimer() {
        List<Timer> other = new ArrayList<>();
        timers.schedule(10, () -> timers.cancel(other.get(0)));
        other.add(at(10, "cancelled"));
        timers.fire(10);
        assertEquals(List.of(), fired);
        assertEquals(0, timers.size());
    }

    @Test
    void randomTimersFireAsASortedListWould() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            Timers heap = new Timers();
            List<Long> order = new ArrayList<>();
            List<Timer> open = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                if (!open.isEmpty() && random.nextInt(3) == 0) {
                    heap.cancel(open.remove(random.nextInt(open.size())));
                } else {
                    long dueMs = random.nextInt(50);
                    open.add(heap.schedule(dueMs, () -> order.add(dueMs)));
                }
            }
            List<Long> expected = open.stream().map(Timer::dueMs).sorted().toList();
            assertEquals(expected.size(), heap.size());
            heap.fire(50);
            assertEquals(expected, order, "seed " + seed);
            assertEquals(order.stream().sorted(Comparator.naturalOrder()).toList(), order);
        }
    }

    @Test
    void timersOfPeersAreDueLaterByTheTimeThatWasLost() {
        at(20, "own");
        timers.scheduleForPeer(20, () -> fired.add("theirs"));
        timers.lose(100);
        timers.scheduleForPeer(115, () -> fired.add("set after it"));
        assertEquals(20, timers.nextDeadlineMs());
        timers.fire(114);
        assertEquals(List.of("own"), fired);
        assertEquals(115, timers.nextDeadlineMs());
        timers.fire(119);
        assertEquals(List.of("own", "set after it"), fired);
        timers.fire(120);
        assertEquals(List.of("own", "set after it", "theirs"), fired);
    }

    @Test
    void timersOfBothKindsFireInTheOrderOfTheirDeadlines() {
        timers.lose(5);
        at(10, "a");
        timers.scheduleForPeer(10, () -> fired.add("b"));
        at(10, "c");
        timers.scheduleForPeer(9, () -> fired.add("first"));
        timers.fire(10);
        assertEquals(List.of("first", "a", "b", "c"), fired);
    }

    private Timer at(long dueMs, String name) {
        return timers.schedule(dueMs, () -> fired.add(name));
    }
}
