package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Failure;
import io.divvy.guard.Guard;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ErrorText;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.TaskFailure;
import io.divvy.scheduler.TaskId;
import io.divvy.scheduler.TaskSnapshot;
import io.divvy.scheduler.WorkerId;
import io.divvy.store.StoredTask;
import java.io.IOException;
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
    private final ServerLimits limits;

    EffectExecutor(
            SchedulerDriver driver, TaskDesk desk, WorkerDoors doors, Persistence persistence, ServerLimits limits) {
        this.driver = driver;
        this.desk = desk;
        this.doors = doors;
        this.persistence = persistence;
        this.limits = limits;
    }

    @Override
    public void on(Effect.TaskAccepted effect) {
        desk.accepted(effect.request(), effect.task(), effect.subtasks());
    }

    @Override
    public void on(Effect.TaskRefused effect) {
        desk.refused(effect.request(), effect.problem());
    }

    @Override
    public void on(Effect.MakePayloads effect) {
        withWork(effect.task(), work -> {
            PayloadText payloads = payloads(work, effect, limits.assignBytes());
            if (payloads.count() == 0) {
                // One that is larger than what we like to send may still be as large as what can be sent.
                payloads = payloads(work, effect, limits.payloadBytes());
            }
            if (payloads.count() == 0) {
                driver.handle(new Event.TaskBroke(
                        effect.task(),
                        TaskFailure.Code.LIMIT_EXCEEDED,
                        "the payload of subtask " + effect.from() + " has more than the " + limits.payloadBytes()
                                + " bytes that fit into a message"));
            } else {
                driver.handle(new Event.PayloadsReady(
                        effect.task(), effect.lease(), effect.from() + payloads.count(), payloads));
            }
        });
    }

    private static PayloadText payloads(TaskWork work, Effect.MakePayloads effect, int mostBytes) throws IOException {
        return work.payloads(effect.from(), effect.to(), mostBytes);
    }

    @Override
    public void on(Effect.DescribeTask effect) {
        withDoor(
                effect.worker(),
                door -> door.describe(effect.task().value(), desk.work(effect.task()), effect.subtasks()));
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
                        ErrorCode.valueOf(effect.problem().kind().name()),
                        effect.problem().message()));
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
        withWork(effect.task(), work -> {
            ArrivedResults results = (ArrivedResults) effect.results();
            Folding<?> folding = work.folding();
            folding.fold(effect.chunk(), effect.from(), effect.to(), results.values(), effect.resultsFrom());
            if (folding.sizeBytes() > limits.answerBytes()) {
                driver.handle(
                        new Event.TaskBroke(
                                effect.task(),
                                TaskFailure.Code.LIMIT_EXCEEDED,
                                "the results take more than the " + limits.answerBytes()
                                        + " bytes that one answer may have; let the subtasks return less, or combine them to less"));
            }
        });
    }

    @Override
    public void on(Effect.FoldCombined effect) {
        withWork(
                effect.task(),
                work -> work.folding().foldCombined(effect.chunk(), ((ArrivedResults) effect.results()).values()));
    }

    @Override
    public void on(Effect.FoldFailed effect) {
        withWork(effect.task(), work -> work.foldFailed(effect.chunk(), effect.from(), effect.to()));
    }

    @Override
    public void on(Effect.CloseChunk effect) {
        withWork(effect.task(), work -> work.folding().closeChunk(effect.chunk()));
    }

    @Override
    public void on(Effect.Finish effect) {
        withWork(effect.task(), work -> {
            JsonNode answer = work.folding().finish();
            driver.handle(
                    Json.hasReadableNumbers(answer)
                            ? new Event.CombineFinished(effect.task(), new JsonAnswer(Json.write(answer)))
                            : new Event.TaskBroke(
                                    effect.task(),
                                    TaskFailure.Code.LIMIT_EXCEEDED,
                                    "the answer has a number of more than the " + ProtocolLimits.MAX_NUMBER_DIGITS
                                            + " digits that anybody takes"));
        });
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
        desk.ended(stored(effect.task(), (JsonAnswer) effect.answer()));
    }

    private StoredTask stored(TaskSnapshot task, @Nullable JsonAnswer answer) {
        return new StoredTask(task, desk.work(task.spec().id()).notes(), answer == null ? null : answer.json());
    }

    private interface Work {
        void run(TaskWork work) throws IOException;
    }

    /** Runs code of the task's type. If it fails, the task does, and nobody else. */
    private void withWork(TaskId task, Work action) {
        if (!desk.isOpen(task)) {
            return; // It ended while this effect waited in line.
        }
        TaskWork work = desk.work(task);
        Failure failure = Guard.run(() -> action.run(work));
        if (failure != null) {
            // Whoever submits tasks can make that happen, so it takes one line.
            LOG.warn("task {}: the code of its type failed: {}", task, failure);
            driver.handle(new Event.TaskBroke(
                    task,
                    TaskFailure.Code.TASK_TYPE_FAILED,
                    ErrorText.bounded("the code of the task's type failed: " + failure)));
        }
    }

    private void withDoor(WorkerId worker, Consumer<WorkerDoor> action) {
        WorkerDoor door = doors.find(worker);
        if (door != null) {
            action.accept(door);
        }
    }
}
