package io.divvy.server;

import io.divvy.guard.Outcome;
import io.divvy.scheduler.Change;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.ChunkRow;
import io.divvy.store.NewTask;
import io.divvy.store.StoredTask;
import io.divvy.store.StoredTexts;
import io.divvy.store.TaskStore;
import java.util.List;
import java.util.function.Consumer;

/** Hands the core's changes to the store, with what the core never sees of them: what was submitted, and the results. */
final class Persistence {
    private final SchedulerDriver driver;
    private final TaskDesk desk;
    private final TaskStore store;
    private final AnswerRoom answers;
    /** Beginnings and ends of tasks that are on their way to the store: the sum of {@link TaskWork#writesUnderWay}. */
    private int underWay;

    Persistence(SchedulerDriver driver, TaskDesk desk, TaskStore store, AnswerRoom answers) {
        this.driver = driver;
        this.desk = desk;
        this.store = store;
        this.answers = answers;
    }

    /** Whether so much is on its way to the store that whoever brings much should wait. */
    boolean isBehind() {
        return underWay > ServerLimits.WRITES_UNDER_WAY;
    }

    void persist(Effect.Persist effect) {
        effect.change().dispatch(new Commit(effect.commit()));
    }

    /** A change did not come to the store. Later ones must not be taken for it, and nobody may wait for it. */
    void notHandedOver(Effect.Persist effect, Throwable cause) {
        effect.change().dispatch(new NotHandedOver(effect, cause));
    }

    private final class NotHandedOver implements Change.Handler {
        private final Effect.Persist effect;
        private final Throwable cause;

        NotHandedOver(Effect.Persist effect, Throwable cause) {
            this.effect = effect;
            this.cause = cause;
        }

        @Override
        public void on(Change.TaskCreated change) {
            TaskId id = change.task().spec().id();
            driver.handleOwn(new Event.CreationFailed(
                    effect.commit(), id, Refusals.text("the task could not be handed to the store", cause)));
        }

        /** What the core changed stays so, and somebody waits for it. */
        @Override
        public void on(Change.TaskPatched change) {
            persist(effect);
        }

        /** It is stored as a whole once it has failed, and this with it. */
        @Override
        public void on(Change.TaskAdvanced change) {
            driver.handleOwn(new Event.CommitDeferred(effect.commit()));
            desk.work(change.task()).deferCommit(effect.commit());
            desk.mistaken(change.task(), cause);
        }

        /** There is nothing else that it could end as. */
        @Override
        public void on(Change.TaskFinished change) {
            persist(effect);
        }
    }

    /** One change on its way to the store. */
    private final class Commit implements Change.Handler {
        private final long number;

        Commit(long number) {
            this.number = number;
        }

        private void committed() {
            driver.handleOwn(new Event.StoreCommitted(number));
        }

        @Override
        public void on(Change.TaskCreated change) {
            TaskId id = change.task().spec().id();
            TaskWork work = desk.work(id);
            NewTask task = new NewTask(change.task(), work.notes(), work.texts.object(), work.texts.takeHeadStart());
            Runnable created = () -> {
                arrived(work);
                committed();
            };
            Consumer<String> failed = why -> {
                neverArrives(work);
                driver.handleOwn(new Event.CreationFailed(number, id, why));
                work.end();
                answers.release(id);
                allCommittedLate(work);
            };
            handOver(work, () -> store.createTask(task, created, failed));
        }

        @Override
        public void on(Change.TaskPatched change) {
            desk.work(change.task()).patch(change.patch());
            store.patchTask(change.task(), change.patch(), this::committed);
        }

        @Override
        public void on(Change.TaskAdvanced change) {
            TaskWork work = desk.work(change.task());
            if (work.isOutgrown()) {
                // What was folded is let go of, so what is done is worth nothing any more.
                driver.handleOwn(new Event.CommitDeferred(number));
                work.deferCommit(number);
            } else if (work.foldLane() != TypeLane.INLINE && !work.folding().keepsResults()) {
                advanceLate(work, change);
            } else {
                store.advanceTask(change.task(), change.progress(), ChunkRows.of(change, work), this::committed);
            }
        }

        /** The accumulators are large, or written out by foreign code, which may take long: what is behind does not wait. */
        private void advanceLate(TaskWork work, Change.TaskAdvanced change) {
            driver.handleOwn(new Event.CommitDeferred(number));
            work.deferCommit(number);
            work.foldLane().call("toStored", 0, () -> ChunkRows.of(change, work), outcome -> {
                if (work.hasEnded()) {
                    return; // It is stored as a whole, and this with it.
                }
                if (outcome instanceof Outcome.Returned<List<ChunkRow>> rows) {
                    advance(work, change, rows.value());
                } else if (outcome instanceof Outcome.Failed<List<ChunkRow>> failed) {
                    desk.broke(change.task(), failed.failure());
                }
            });
        }

        private void advance(TaskWork work, Change.TaskAdvanced change, List<ChunkRow> rows) {
            try {
                store.advanceTask(change.task(), change.progress(), rows, () -> committedLate(work));
            } catch (RuntimeException | Error e) {
                desk.mistaken(change.task(), e);
            }
        }

        @Override
        public void on(Change.TaskFinished change) {
            JsonAnswer answer = (JsonAnswer) change.answer();
            TaskWork work = desk.work(change.task().spec().id());
            work.end();
            answers.ended(change.task().spec().id(), answer == null ? 0 : answer.json().length);
            StoredTexts texts = work.texts.keep(
                    driver.scheduler().failures(change.task().spec().id()), isWorthRunningAgain(change.task()));
            StoredTask stored =
                    new StoredTask(change.task(), work.notes(), texts, answer == null ? null : answer.json());
            Runnable finished = () -> {
                arrived(work);
                allCommittedLate(work);
                committed();
            };
            handOver(work, () -> store.finishTask(stored, finished));
        }
    }

    private static boolean isWorthRunningAgain(TaskSnapshot ended) {
        return ended.state() != TaskSnapshot.State.COMPLETED || ended.ledger().failed() > 0;
    }

    private void handOver(TaskWork work, Runnable call) {
        work.writesUnderWay++;
        underWay++;
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            arrived(work);
            throw e;
        }
    }

    /** One of the task's two is stored. */
    private void arrived(TaskWork work) {
        if (work.writesUnderWay > 0) {
            work.writesUnderWay--;
            underWay--;
        }
    }

    /** The task's beginning is not stored; the store says nothing of an end that it was given meanwhile. */
    private void neverArrives(TaskWork work) {
        underWay -= work.writesUnderWay;
        work.writesUnderWay = 0;
    }

    /** Returns whether there was one. */
    private boolean committedLate(TaskWork work) {
        long commit = work.takeDeferredCommit();
        if (commit > 0) {
            driver.handleOwn(new Event.StoreCommitted(commit));
        }
        return commit > 0;
    }

    /** What was to be stored is not needed any more. */
    private void allCommittedLate(TaskWork work) {
        while (committedLate(work)) {
            // Mostly there is one.
        }
    }
}
