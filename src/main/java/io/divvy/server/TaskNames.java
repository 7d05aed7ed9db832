package io.divvy.server;

import io.divvy.protocol.RefusedException;
import io.divvy.server.session.Tasks;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.store.TaskStore;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds the task that somebody means: named by its id, by what a plain sender calls it, or by the end of its id. On the
 * loop's thread.
 */
final class TaskNames {
    private final SchedulerDriver driver;
    private final TaskStore store;
    private final ShortIds shortIds;

    /** @param nextTurn runs something on the loop in a turn of its own */
    TaskNames(SchedulerDriver driver, TaskStore store, Consumer<Runnable> nextTurn) {
        this.driver = driver;
        this.store = store;
        this.shortIds = new ShortIds(driver, store, nextTurn);
    }

    /**
     * Does something with the task that somebody asks for by its id or by the one that a plain sender chose for it. Where a
     * plain sender chose what is the id of another task, that other one is meant; where it chose what is the end of one, its
     * own is.
     */
    <T> void act(String name, Tasks.Act<T> act, Consumer<Optional<T>> answer, Consumer<RefusedException> refused) {
        if (!TaskIds.isId(name)) {
            aliased(name, act, answer, refused);
            return;
        }
        act.on(
                new TaskId(name),
                found -> {
                    if (found.isPresent()) {
                        answer.accept(found);
                    } else {
                        aliased(name, act, answer, refused);
                    }
                },
                refused);
    }

    private <T> void aliased(
            String alias, Tasks.Act<T> act, Consumer<Optional<T>> answer, Consumer<RefusedException> refused) {
        SubmitKey key = SubmitKey.plainId(alias);
        TaskId open = driver.scheduler().find(key);
        if (open != null) {
            act.on(open, answer, refused);
            return;
        }
        store.findFinishedByKey(
                key,
                finished -> finished.map(task -> task.task().spec().id())
                        .ifPresentOrElse(
                                task -> act.on(task, answer, refused), () -> shortened(alias, act, answer, refused)),
                failure -> refused.accept(Refusals.of(failure)));
    }

    /** Nobody but people writes ids in capitals, and they mean the same task. */
    private <T> void shortened(
            String name, Tasks.Act<T> act, Consumer<Optional<T>> answer, Consumer<RefusedException> refused) {
        String idEnd = name.toLowerCase(Locale.ROOT);
        if (TaskIds.isId(idEnd) && !idEnd.equals(name)) {
            act.on(new TaskId(idEnd), answer, refused);
        } else if (TaskIds.isEndOfId(idEnd)) {
            shortIds.find(
                    idEnd,
                    found -> found.ifPresentOrElse(
                            task -> act.on(task, answer, refused), () -> answer.accept(Optional.empty())),
                    refused);
        } else {
            answer.accept(Optional.empty());
        }
    }
}
