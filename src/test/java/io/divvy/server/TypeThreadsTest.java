package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.task.TaskTypes;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whether somebody looks at the time of what runs for a type. */
class TypeThreadsTest {
    private final TypeLimits limits = TypeLimits.forHeap(1L << 30);
    private final TypeLanes lanes = new TypeLanes(TaskTypes.builtin(), limits);
    private final TypeThreads threads = new TypeThreads("slow", limits, lanes);
    private final ThreadedLane lane = new ThreadedLane(threads, true);

    /** The thread of a call is on its way back to its lane, in which the next call waits. */
    @Test
    void aCallThatWaitedForAThreadIsTimed() throws Exception {
        CompletableFuture<Boolean> isBusyMeanwhile = new CompletableFuture<>();
        CompletableFuture<Void> last = new CompletableFuture<>();
        lane.call("first", 0, () -> 1, first -> {
            lane.call("second", 0, () -> 2, second -> last.complete(null));
            isBusyMeanwhile.complete(threads.check(0));
        });
        assertTrue(isBusyMeanwhile.get(20, TimeUnit.SECONDS));
        last.get(20, TimeUnit.SECONDS);
        threads.close();
    }
}
