package io.divvy.server;

import io.divvy.protocol.TaskObject;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Refusal;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Changes of unfinished tasks that the core was asked for and has not answered, as they are not durable yet. On the loop. */
final class PatchRequests {
    private final SchedulerDriver driver;
    private final TaskWorks works;
    private final Map<Long, Reply> unanswered = new HashMap<>();
    private long lastRequest;

    /** One of the two hears of it, once. */
    private record Reply(Runnable patched, Consumer<Refusal> refused) {}

    PatchRequests(SchedulerDriver driver, TaskWorks works) {
        this.driver = driver;
        this.works = works;
    }

    /** @param task that the core has */
    void ask(TaskId task, TaskPatch patch, Runnable patched, Consumer<Refusal> refused) {
        long request = ++lastRequest;
        unanswered.put(request, new Reply(patched, refused));
        driver.handle(new Event.PatchRequested(request, task, patch, sizeBytesAfter(patch, works.get(task))));
    }

    /** What the task takes in memory without its results once it is changed. */
    private static long sizeBytesAfter(TaskPatch patch, TaskWork work) {
        Map<String, String> labels = patch.labels();
        return work.size().bytes()
                - TaskObject.sizeOfLabels(work.object().labels())
                + TaskObject.sizeOfLabels(labels == null ? work.notes().labels() : labels);
    }

    /** @param refusal null if the task was changed */
    void answered(long request, @Nullable Refusal refusal) {
        Reply reply = unanswered.remove(request);
        if (reply == null) {
            throw new IllegalStateException("patch " + request + " was answered twice or never asked for");
        }
        if (refusal == null) {
            reply.patched.run();
        } else {
            reply.refused.accept(refusal);
        }
    }

    int count() {
        return unanswered.size();
    }
}
