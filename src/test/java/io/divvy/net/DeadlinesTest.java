package io.divvy.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    private final Deadlines deadlines = new Deadlines();
    private final List<String> fired = new ArrayList<>();

    @Test
    void dueTimersRunInTheOrderOfTimeAndThenOfScheduling() {
        deadlines.schedule(20, () -> fired.add("third"));
        deadlines.schedule(10, () -> fired.add("first"));
        deadlines.schedule(10, () -> fired.add("second"));
        deadlines.schedule(30, () -> fired.add("not yet"));
        deadlines.fire(20);
        assertEquals(List.of("first", "second", "third"), fired);
        assertEquals(30, deadlines.nextDeadlineMs());
    }

    @Test
    void cancelledTimersNeverRunAndAreForgottenAtOnce() {
        Deadlines.Deadline cancelled = deadlines.schedule(10, () -> fired.add("cancelled"));
        deadlines.schedule(10, () -> fired.add("kept"));
        deadlines.cancel(cancelled);
        assertEquals(1, deadlines.size());
        deadlines.fire(10);
        assertEquals(List.of("kept"), fired);
    }

    @Test
    void withNothingToDoTheLoopMaySleepForEver() {
        assertEquals(Deadlines.NEVER, deadlines.nextDeadlineMs());
    }
}
