package io.divvy.server;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import io.divvy.server.session.Tasks;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import io.divvy.store.Rerun;
import io.divvy.store.TaskStore;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** Finished tasks that are to be run again, and what was made of them before. On the loop's thread. */
final class Reruns {
    private static final long RETRY_MS = 1_000;

    private final SchedulerDriver driver;
    private final TaskStore store;

    Reruns(SchedulerDriver driver, TaskStore store) {
        this.driver = driver;
        this.store = store;
    }

    /** What there is of a finished task to run it again. */
    void findFirst(TaskId id, Consumer<Optional<Rerun>> found, Consumer<RefusedException> refused) {
        TaskSnapshot open = driver.scheduler().find(id);
        if (open == null) {
            store.findRerun(id, found, failure -> refused.accept(Refusals.of(failure)));
        } else {
            refused.accept(new RefusedException(
                    ErrorCode.CONFLICT,
                    "task " + id + " is " + open.state().name().toLowerCase(Locale.ROOT)
                            + "; only a finished task can be run again",
                    null));
        }
    }

    /**
     * Does something with the task that has this key, if it is a rerun of that task, which is not kept any more; otherwise the
     * answer is empty.
     *
     * @param first the id of that task, or the end of it
     */
    <T> void findMade(
            String first,
            SubmitKey key,
            Tasks.Act<T> act,
            Consumer<Optional<T>> answer,
            Consumer<RefusedException> refused) {
        TaskId open = driver.scheduler().find(key);
        TaskSnapshot unfinished = open == null ? null : driver.scheduler().find(open);
        if (unfinished != null) {
            actOn(unfinished.spec(), first, act, answer, refused);
        } else if (driver.scheduler().isTaken(key)) {
            refused.accept(new RefusedException(
                    ErrorCode.BUSY, "a task with the same key is not saved yet; try again", RETRY_MS));
        } else {
            store.findFinishedByKey(
                    key,
                    finished -> finished.ifPresentOrElse(
                            task -> actOn(task.task().spec(), first, act, answer, refused),
                            () -> answer.accept(Optional.empty())),
                    failure -> refused.accept(Refusals.of(failure)));
        }
    }

    private static <T> void actOn(
            TaskSpec made,
            String first,
            Tasks.Act<T> act,
            Consumer<Optional<T>> answer,
            Consumer<RefusedException> refused) {
        if (HeadStart.isRerunOf(first, made.fingerprint())) {
            act.on(made.id(), answer, refused);
        } else {
            answer.accept(Optional.empty());
        }
    }
}
