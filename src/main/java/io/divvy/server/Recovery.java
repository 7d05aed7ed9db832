package io.divvy.server;

import io.divvy.protocol.ErrorText;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.TaskObject;
import io.divvy.scheduler.ChunkProgress;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.TaskFailure;
import io.divvy.scheduler.TaskSpec;
import io.divvy.store.ChunkRow;
import io.divvy.store.UnfinishedTask;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.TaskTypes;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the tasks back that a former server did not finish. One that cannot go on fails, and says why. */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final SchedulerDriver driver;
    private final TaskDesk desk;
    private final TaskTypes types;

    Recovery(SchedulerDriver driver, TaskDesk desk, TaskTypes types) {
        this.driver = driver;
        this.desk = desk;
        this.types = types;
    }

    void restore(List<UnfinishedTask> tasks) {
        tasks.forEach(this::restore);
        if (!tasks.isEmpty()) {
            LOG.info("{} unfinished {} on", tasks.size(), tasks.size() == 1 ? "task goes" : "tasks go");
        }
    }

    private void restore(UnfinishedTask task) {
        TaskObject object;
        try {
            object = TaskObject.read(Json.readObject(task.object(), 0, task.object().length));
        } catch (ProtocolException e) {
            throw new IllegalStateException(
                    "task " + task.id() + " was stored in a form that this version does not read: " + e.getMessage(),
                    e);
        }
        try {
            goOn(task, TaskWork.of(object, types));
        } catch (ProtocolException | InvalidParamsException e) {
            fail(task, TaskWork.withoutType(object), String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            LOG.debug("task {}: the trace of that", task.id(), e);
            fail(task, TaskWork.withoutType(object), ErrorText.bounded("the code of its type failed: " + e));
        }
    }

    private void goOn(UnfinishedTask task, TaskWork work) throws InvalidParamsException, ProtocolException {
        long subtasks = work.split();
        if (subtasks != task.subtasks()) {
            throw new InvalidParamsException(
                    "its type splits it into " + subtasks + " subtasks now, and had split it into " + task.subtasks()
                            + " before; a split has to give the same every time");
        }
        List<ChunkProgress> chunks = new ArrayList<>(task.chunks().size());
        for (ChunkRow row : task.chunks()) {
            chunks.add(Persistence.restored(row, work.folding()));
        }
        handOver(task, work, chunks);
    }

    /** It ends at once, so nothing of what was done has to be understood. */
    private void fail(UnfinishedTask task, TaskWork work, String why) {
        LOG.warn("task {} cannot go on after the restart: {}", task.id(), why);
        handOver(task, work, List.of());
        driver.handle(new Event.TaskBroke(
                task.id(),
                TaskFailure.Code.TASK_TYPE_FAILED,
                "the task cannot go on after a restart of the server: " + why));
    }

    private void handOver(UnfinishedTask task, TaskWork work, List<ChunkProgress> chunks) {
        TaskSpec spec = TaskDesk.spec(task.id(), work, task.fingerprint());
        desk.restored(task.id(), work);
        driver.handle(new Event.TaskRestored(spec, task.subtasks(), task.submittedMs(), task.progress(), chunks));
    }
}
