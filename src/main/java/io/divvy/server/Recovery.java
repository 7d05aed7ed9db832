package io.divvy.server;

import io.divvy.guard.Failure;
import io.divvy.guard.Outcome;
import io.divvy.protocol.ErrorText;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.TaskObject;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.TaskSize;
import io.divvy.state.ChunkProgress;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSpec;
import io.divvy.store.ChunkRow;
import io.divvy.store.StoreOpenException;
import io.divvy.store.TaskStore;
import io.divvy.store.UnfinishedTask;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the tasks back that a former server did not finish, in two steps: all of them are made ready before there is a
 * server, so that one which cannot go on keeps it from starting; then they are handed to the core, on the loop.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final TaskTypes types;
    private final CodeLanes lanes;
    private final OnStranded onStranded;
    private final StrandedTasks stranded = new StrandedTasks();
    /** Each is let go as it is handed over, as it may be large. */
    private final Queue<Ready> tasks = new ArrayDeque<>();

    private volatile int left;

    /** @param strandedBy why the task can only end, or null if it goes on */
    private record Ready(
            TaskWork work,
            Event.TaskRestored event,
            @Nullable String strandedBy) {}

    private Recovery(TaskTypes types, CodeLanes lanes, OnStranded onStranded) {
        this.types = types;
        this.lanes = lanes;
        this.onStranded = onStranded;
    }

    /**
     * Makes the tasks ready, and changes nothing.
     *
     * @throws StoreOpenException if they cannot be read
     * @throws StrandedTasksException if some cannot go on and may not fail for it
     */
    static Recovery prepare(TaskStore store, TaskTypes types, CodeLanes lanes, OnStranded onStranded)
            throws StoreOpenException, StrandedTasksException {
        Recovery recovery = new Recovery(types, lanes, onStranded);
        store.recover(recovery::prepare);
        if (recovery.stranded.count() > 0) {
            throw recovery.stranded.toException();
        }
        recovery.left = recovery.tasks.size();
        return recovery;
    }

    /** How many tasks are still to be handed over. From any thread. */
    int left() {
        return left;
    }

    private void prepare(UnfinishedTask task) {
        try {
            TaskObject object = TaskObject.read(Json.readObject(task.object(), 0, task.object().length))
                    .withLabels(task.patch().labels());
            prepare(task, object);
        } catch (ProtocolException e) {
            // Without it nobody could say of what type the task was, so it cannot be shown as a failed one either.
            stranded.addEndless(
                    task.id(),
                    "it was stored in a form that this version of Divvy cannot read, and so neither go on with nor end: "
                            + e.getMessage());
        } catch (OutOfMemoryError e) {
            // That is seldom the fault of the task for which there was no more room, so it never fails for it.
            stranded.addEndless(
                    task.id(), "the memory was used up as it was read: " + e + "; java -Xmx… gives the server more");
        }
        if (stranded.count() > 0) {
            tasks.clear(); // There will be no server.
        }
    }

    private void prepare(UnfinishedTask task, TaskObject object) {
        if (object.payloads() == null && types.find(object.type()) == null) {
            strand(task, object, "this server has no task type \"" + object.type() + "\"");
            return;
        }
        TaskType type = types.find(object.type());
        TaskLanes taskLanes = lanes.of(object);
        Outcome<Ready> outcome =
                lanes.await(taskLanes.lane(), () -> goingOn(task, TaskWork.prepare(object, type, taskLanes)));
        if (outcome instanceof Outcome.Returned<Ready> ready) {
            tasks.add(ready.value());
            return;
        }
        Failure failure = ((Outcome.Failed<Ready>) outcome).failure();
        if (failure.root().cause() instanceof OutOfMemoryError e) {
            throw e;
        }
        LOG.debug("task {}: {}", task.id(), failure);
        boolean isUnderstood =
                failure.cause() instanceof RefusedException || failure.cause() instanceof StrandedException;
        strand(
                task,
                object,
                isUnderstood
                        ? String.valueOf(failure.cause().getMessage())
                        : "the code of its type failed: " + failure);
    }

    /** Runs the code of the task's type, so in its lane. */
    private static Ready goingOn(UnfinishedTask task, TaskWork work) throws StrandedException {
        long subtasks = work.count();
        if (subtasks != task.subtasks()) {
            throw new StrandedException("its type splits it into " + subtasks + " subtasks now, and had split it into "
                    + task.subtasks() + " before; a split has to give the same every time");
        }
        if (work.folding().keepsResults() != task.keepsResults()) {
            // Without params the type is not needed to split, but its way to combine was not that of a task without a
            // type.
            throw new StrandedException("the type \"" + work.object().type()
                    + "\" does not combine its results now as it did before, or is not there any more");
        }
        List<ChunkProgress> chunks = new ArrayList<>(task.chunks().size());
        try {
            for (ChunkRow row : task.chunks()) {
                chunks.add(ChunkRows.restored(row, work.folding()));
            }
        } catch (ProtocolException e) {
            throw new StrandedException("what was done of it cannot be read: " + e.getMessage());
        }
        return ready(task, work, chunks, null);
    }

    /** Why one task cannot go on. */
    private static final class StrandedException extends Exception {
        private static final long serialVersionUID = 1;

        StrandedException(String why) {
            super(why);
        }
    }

    private void strand(UnfinishedTask task, TaskObject object, String why) {
        if (onStranded == OnStranded.REFUSE_TO_START) {
            stranded.add(task.id(), why);
        } else {
            // It ends at once, so nothing of what was done has to be understood.
            tasks.add(ready(task, TaskWork.withoutType(object), List.of(), ErrorText.bounded(why)));
        }
    }

    private static Ready ready(
            UnfinishedTask task, TaskWork work, List<ChunkProgress> chunks, @Nullable String strandedBy) {
        work.texts.isStoredAs(task.object());
        TaskSpec spec =
                work.spec(task.id(), task.submitKey(), task.fingerprint()).patched(task.patch());
        return new Ready(
                work,
                new Event.TaskRestored(
                        spec,
                        new TaskSize(task.subtasks(), work.size().bytes()),
                        task.submittedMs(),
                        task.progress(),
                        chunks),
                strandedBy);
    }

    /** Hands the tasks to the core, once. On the loop. */
    void handOver(SchedulerDriver driver, TaskDesk desk) {
        int goOn = 0;
        for (Ready task = tasks.poll(); task != null; task = tasks.poll()) {
            TaskId id = task.event().spec().id();
            desk.restored(id, task.work());
            driver.handle(task.event());
            String why = task.strandedBy();
            if (why == null) {
                goOn++;
            } else {
                LOG.warn("task {} cannot go on after the restart, and fails: {}", id, why);
                driver.handle(new Event.TaskBroke(
                        id,
                        TaskFailure.Code.TASK_TYPE_FAILED,
                        "the task cannot go on after a restart of the server: " + why));
            }
            left = tasks.size();
        }
        if (goOn > 0) {
            LOG.info("{} unfinished {} on", goOn, goOn == 1 ? "task goes" : "tasks go");
        }
    }
}
