package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Failure;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.ToWorker;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.WorkerId;
import io.divvy.server.session.ArrivedResults;
import io.divvy.server.session.WorkerDoor;
import io.divvy.server.session.WorkerDoors;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.StoredTask;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the core's effects happen: work of the task types, commits, messages to workers, replies to senders. */
final class EffectExecutor implements Effect.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(EffectExecutor.class);

    private final SchedulerDriver driver;
    private final TaskDesk desk;
    private final WorkerDoors doors;
    private final Persistence persistence;
    private final AnswerRoom answers;
    private final ServerLimits limits;

    EffectExecutor(
            SchedulerDriver driver,
            TaskDesk desk,
            WorkerDoors doors,
            Persistence persistence,
            AnswerRoom answers,
            ServerLimits limits) {
        this.driver = driver;
        this.desk = desk;
        this.doors = doors;
        this.persistence = persistence;
        this.answers = answers;
        this.limits = limits;
    }

    @Override
    public void on(Effect.TaskAccepted effect) {
        desk.accepted(effect.request(), effect.task(), effect.subtasks());
    }

    @Override
    public void on(Effect.TaskRefused effect) {
        desk.refused(effect.request(), effect.refusal());
    }

    @Override
    public void on(Effect.MakePayloads effect) {
        withWork(
                effect.task(),
                work -> work.payloadLane()
                        .call("payload", 0, () -> payloads(work, effect), heard(effect.task(), work, payloads -> {
                            if (payloads.count() == 0) {
                                driver.handle(new Event.TaskBroke(
                                        effect.task(),
                                        TaskFailure.Code.LIMIT_EXCEEDED,
                                        "the payload of subtask " + effect.from() + " has more than the "
                                                + limits.payloadBytes() + " bytes that fit into a message"));
                                return;
                            }
                            driver.handle(new Event.PayloadsReady(
                                    effect.task(), effect.lease(), effect.from() + payloads.count(), payloads));
                            if (work.makesPayloadsAhead()) {
                                makePayloadsAhead(effect.task(), work, payloads.count());
                            }
                        })));
    }

    private PayloadText payloads(TaskWork work, Effect.MakePayloads effect) throws IOException {
        PayloadText payloads = work.payloads(effect.from(), effect.to(), limits.assignBytes());
        // One that is larger than what we like to send may still be as large as what can be sent.
        return payloads.count() > 0 ? payloads : work.payloads(effect.from(), effect.to(), limits.payloadBytes());
    }

    /** If that fails nothing is lost: they are made when they are needed, and then it fails again. */
    private void makePayloadsAhead(TaskId task, TaskWork work, int howMany) {
        Guard.Action ahead = () -> {
            Failure failure = Guard.run(() -> work.makePayloadsAhead(howMany));
            if (failure != null) {
                LOG.debug("task {}: payloads could not be made ahead: {}", task, failure);
            }
        };
        work.payloadLane().run("payload", 0, ahead, heard(task, work, done -> {}));
    }

    @Override
    public void on(Effect.DescribeTask effect) {
        withDoor(effect.worker(), door -> door.describe(description(effect.task(), effect.subtasks())));
    }

    private ToWorker.TaskDescription description(TaskId id, long subtasks) {
        TaskWork work = desk.work(id);
        return new ToWorker.TaskDescription(
                id.value(),
                work.object().type(),
                work.object().params(),
                subtasks,
                Limits.chunkSize(subtasks),
                work.isFoldable(),
                work.object().subtaskTimeoutMs());
    }

    @Override
    public void on(Effect.Assign effect) {
        withDoor(
                effect.worker(),
                door -> door.assign(effect.lease(), effect.task().value(), effect.from(), effect.to(), (PayloadText)
                        effect.payloads()));
    }

    @Override
    public void on(Effect.Revoke effect) {
        withDoor(effect.worker(), door -> door.revoke(effect.lease(), effect.from()));
    }

    @Override
    public void on(Effect.CancelLease effect) {
        withDoor(effect.worker(), door -> door.cancelLease(effect.lease()));
    }

    @Override
    public void on(Effect.Ack effect) {
        withDoor(
                effect.worker(),
                door -> door.acknowledge(effect.lease(), effect.task().value(), effect.from(), effect.to()));
    }

    @Override
    public void on(Effect.CancelWork effect) {
        withDoor(effect.worker(), door -> door.cancelWork(effect.task().value()));
    }

    @Override
    public void on(Effect.Forget effect) {
        withDoor(effect.worker(), door -> door.forget(effect.task().value()));
    }

    @Override
    public void on(Effect.RefuseMessage effect) {
        withDoor(
                effect.worker(),
                door -> door.refuse(
                        ErrorCode.valueOf(effect.refusal().kind().name()),
                        effect.refusal().message()));
    }

    @Override
    public void on(Effect.DropWorker effect) {
        withDoor(effect.worker(), door -> door.drop(effect.reason()));
    }

    @Override
    public void on(Effect.GoAway effect) {
        withDoor(effect.worker(), door -> door.goAway(false));
    }

    @Override
    public void on(Effect.Fold effect) {
        ArrivedResults results = (ArrivedResults) effect.results();
        inFoldLane(
                effect.task(),
                results.values(),
                work -> work.folding()
                        .fold(effect.chunk(), effect.from(), effect.to(), results.values(), effect.resultsFrom()));
    }

    @Override
    public void on(Effect.FoldCombined effect) {
        ArrivedResults results = (ArrivedResults) effect.results();
        inFoldLane(
                effect.task(), results.values(), work -> work.folding().foldCombined(effect.chunk(), results.values()));
    }

    @Override
    public void on(Effect.FoldFailed effect) {
        inFoldLane(effect.task(), null, work -> work.foldFailed(effect.chunk(), effect.from(), effect.to()));
    }

    @Override
    public void on(Effect.CloseChunk effect) {
        inFoldLane(effect.task(), null, work -> work.folding().closeChunk(effect.chunk()));
    }

    private void inFoldLane(TaskId task, @Nullable ResultValues results, Consumer<TaskWork> action) {
        withWork(task, work -> {
            if (work.isOutgrown()) {
                return; // It fails for that.
            }
            TypeLane lane = results == null ? work.foldLane() : work.foldLane(results);
            lane.call(
                    "fold",
                    results == null ? 0 : results.sizeBytes(),
                    () -> {
                        action.accept(work);
                        return work.folding().sizeBytes();
                    },
                    heard(task, work, size -> folded(task, work, size)));
        });
    }

    /** So much is folded of the task: it must not be too much for one answer, nor for all together. */
    private void folded(TaskId task, TaskWork work, long sizeBytes) {
        if (work.isOutgrown()) {
            return;
        }
        if (sizeBytes > limits.answerBytes()) {
            outgrown(
                    task,
                    "the results take more than the " + limits.answerBytes()
                            + " bytes that one answer may have; let the subtasks return less, or combine them to less");
            return;
        }
        answers.folded(task, sizeBytes);
        for (TaskId most = answers.excessive(); most != null; most = answers.excessive()) {
            outgrown(
                    most,
                    "what is kept of the results of all tasks takes more than the " + answers.mostBytes()
                            + " bytes that it may, and this task keeps the most of them, " + answers.bytesOf(most)
                            + " bytes; let the subtasks return less, combine them to less, run fewer such tasks at once, or"
                            + " give the server more memory");
        }
    }

    /** What it kept is let go at once, and not when its end is saved. */
    private void outgrown(TaskId task, String message) {
        desk.work(task).outgrow();
        answers.release(task);
        driver.handle(new Event.TaskBroke(task, TaskFailure.Code.LIMIT_EXCEEDED, message));
    }

    @Override
    public void on(Effect.Finish effect) {
        withWork(
                effect.task(),
                work -> work.finishLane().call("finish", 0, () -> answer(work), heard(effect.task(), work, answer -> {
                    driver.handle(
                            answer.isPresent()
                                    ? new Event.CombineFinished(effect.task(), answer.get())
                                    : new Event.TaskBroke(
                                            effect.task(),
                                            TaskFailure.Code.LIMIT_EXCEEDED,
                                            "the answer has a number of more than the "
                                                    + ProtocolLimits.MAX_NUMBER_DIGITS
                                                    + " digits that anybody takes"));
                })));
    }

    /** Empty if a number of it is too long. */
    private static Optional<JsonAnswer> answer(TaskWork work) {
        JsonNode answer = work.folding().finish();
        if (!Json.hasReadableNumbers(answer)) {
            return Optional.empty();
        }
        boolean isForeign = work.isCombinedByForeignCode();
        return Optional.of(new JsonAnswer(isForeign ? ForeignJson.write("finish", answer) : Json.write(answer)));
    }

    @Override
    public void on(Effect.Persist effect) {
        persistence.persist(effect);
    }

    @Override
    public void on(Effect.ReportProgress effect) {
        desk.progressed(effect.task(), TaskViews.progress(effect.ledger()));
    }

    @Override
    public void on(Effect.TaskEnded effect) {
        answers.release(effect.task().spec().id());
        desk.ended(stored(effect.task(), (JsonAnswer) effect.answer()));
    }

    private StoredTask stored(TaskSnapshot task, @Nullable JsonAnswer answer) {
        return new StoredTask(task, desk.work(task.spec().id()).notes(), answer == null ? null : answer.json());
    }

    private void withWork(TaskId task, Consumer<TaskWork> action) {
        if (desk.isOpen(task)) { // Else it ended while this effect waited in line.
            action.accept(desk.work(task));
        }
    }

    /** Hears what the code of the task's type gave. If it failed, the task does, and nobody else. */
    private <T> Consumer<Outcome<T>> heard(TaskId task, TaskWork work, Consumer<T> then) {
        return outcome -> {
            if (work.hasEnded()) {
                return;
            }
            try {
                if (outcome instanceof Outcome.Returned<T> returned) {
                    then.accept(returned.value());
                } else if (outcome instanceof Outcome.Failed<T> failed) {
                    broke(task, failed.failure());
                }
            } catch (RuntimeException | Error e) {
                LOG.error("task {}: what the code of its type gave could not be used", task, e);
                desk.mistaken(task, e);
            }
        };
    }

    private void broke(TaskId task, Failure failure) {
        // Whoever submits tasks can make that happen, so it takes one line.
        LOG.warn("task {}: the code of its type failed: {}", task, failure);
        desk.broke(task, failure);
    }

    private void withDoor(WorkerId worker, Consumer<WorkerDoor> action) {
        WorkerDoor door = doors.find(worker);
        if (door != null) {
            action.accept(door);
        }
    }
}
