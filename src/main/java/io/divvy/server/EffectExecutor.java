package io.divvy.server;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ToWorker;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.WorkerId;
import io.divvy.server.session.WorkerDoor;
import io.divvy.server.session.WorkerDoors;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.StoredTask;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes the core's effects happen: work of the task types, commits, messages to workers, replies to senders. */
final class EffectExecutor implements Effect.Handler {
    private final TaskDesk desk;
    private final WorkerDoors doors;
    private final Persistence persistence;
    private final AnswerRoom answers;
    private final TypeCalls calls;

    EffectExecutor(TaskDesk desk, WorkerDoors doors, Persistence persistence, AnswerRoom answers, TypeCalls calls) {
        this.desk = desk;
        this.doors = doors;
        this.persistence = persistence;
        this.answers = answers;
        this.calls = calls;
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
    public void on(Effect.PatchAnswered effect) {
        desk.patchAnswered(effect.request(), effect.refusal());
    }

    @Override
    public void on(Effect.DescribeTask effect) {
        withDoor(effect.worker(), door -> door.describe(description(effect.task(), effect.subtasks())));
    }

    private ToWorker.TaskDescription description(TaskId id, long subtasks) {
        TaskWork work = desk.work(id);
        ToWorker.TaskDescription.Draft description = new ToWorker.TaskDescription.Draft(
                id.value(), work.object().type(), work.object().params());
        description.subtasks = subtasks;
        description.chunk = Limits.chunkSize(subtasks);
        description.fold = work.isFoldable();
        description.subtaskTimeoutMs = work.object().subtaskTimeoutMs();
        return description.finish();
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
    public void on(Effect.MakePayloads effect) {
        calls.makePayloads(effect);
    }

    @Override
    public void on(Effect.Fold effect) {
        calls.fold(effect);
    }

    @Override
    public void on(Effect.FoldCombined effect) {
        calls.foldCombined(effect);
    }

    @Override
    public void on(Effect.FoldFailed effect) {
        calls.foldFailed(effect);
    }

    @Override
    public void on(Effect.CloseChunk effect) {
        calls.closeChunk(effect);
    }

    @Override
    public void on(Effect.Finish effect) {
        calls.finish(effect);
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
        TaskWork work = desk.work(task.spec().id());
        return new StoredTask(task, work.notes(), work.texts.kept(), answer == null ? null : answer.json());
    }

    private void withDoor(WorkerId worker, Consumer<WorkerDoor> action) {
        WorkerDoor door = doors.find(worker);
        if (door != null) {
            action.accept(door);
        }
    }
}
