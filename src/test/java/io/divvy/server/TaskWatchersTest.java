package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.protocol.Progress;
import io.divvy.server.session.TaskWatcher;
import io.divvy.state.TaskId;
import io.divvy.store.StoredTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TaskWatchersTest {
    private static final TaskId TASK = new TaskId("a");

    private final TaskWatchers watchers = new TaskWatchers(Long.MAX_VALUE);

    private static TaskWatcher watcher() {
        return new TaskWatcher() {
            @Override
            public void letGo(Throwable cause) {}

            @Override
            public boolean wantsProgress() {
                return false;
            }

            @Override
            public void onProgress(String taskId, Progress progress) {}

            @Override
            public long longestResultBytes() {
                return 0;
            }

            @Override
            public void onEnd(StoredTask task) {}
        };
    }

    /** One that sent the same task very often and left must not make the loop stand still. */
    @Test
    @Timeout(10)
    void aHundredThousandWatchersOfOneTaskGoAsQuicklyAsTheyCame() {
        List<TaskWatcher> many = new ArrayList<>();
        TaskWatcher wantsProgress = watcher();
        for (int i = 0; i < 300_000; i++) {
            many.add(watcher());
            watchers.add(TASK, many.get(i));
        }
        watchers.add(TASK, wantsProgress);
        watchers.addToProgress(TASK, wantsProgress);
        assertEquals(300_001, watchers.count());
        for (TaskWatcher watcher : many) {
            assertFalse(watchers.remove(TASK, watcher));
        }
        assertEquals(1, watchers.count());
        assertTrue(watchers.remove(TASK, wantsProgress));
        assertEquals(0, watchers.count());
    }

    @Test
    void removeSaysWhetherTheLastWatcherOfProgressLeft() {
        TaskWatcher first = watcher();
        TaskWatcher second = watcher();
        watchers.add(TASK, first);
        watchers.add(TASK, second);
        watchers.addToProgress(TASK, first);
        watchers.addToProgress(TASK, second);
        watchers.addToProgress(TASK, watcher()); // It does not wait for the task.
        assertEquals(List.of(first, second), watchers.ofProgress(TASK));
        assertFalse(watchers.remove(TASK, first));
        assertEquals(List.of(second), watchers.ofProgress(TASK));
        assertTrue(watchers.remove(TASK, second));
        assertFalse(watchers.remove(TASK, second), "it is gone already");
        assertEquals(List.of(), watchers.ofProgress(TASK));
    }

    @Test
    void watchersAreToldOfAnEndInTheOrderInWhichTheyCame() {
        TaskWatcher first = watcher();
        TaskWatcher second = watcher();
        watchers.add(TASK, first);
        watchers.add(TASK, second);
        watchers.add(new TaskId("b"), first);
        assertEquals(List.of(first, second), List.copyOf(watchers.removeAll(TASK)));
        assertEquals(Set.of(), watchers.removeAll(TASK));
        assertEquals(1, watchers.count());
    }
}
