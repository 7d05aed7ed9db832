package io.divvy.server;

import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.WorkerId;
import io.divvy.server.session.WorkerDoor;
import io.divvy.server.session.WorkerDoors;
import io.divvy.state.TaskId;

/**
 * What is done where an effect failed: for want of memory, or by a mistake. Whoever it was for is let go: its task fails, or its
 * worker has to connect again, and what that held goes to others. So nothing waits for what will not come. The handler of an
 * effect fails itself if that cannot be done.
 */
final class Amends implements Effect.Handler {
    private final SchedulerDriver driver;
    private final TaskDesk desk;
    private final WorkerDoors doors;
    private final Persistence persistence;
    private final Throwable cause;

    Amends(SchedulerDriver driver, TaskDesk desk, WorkerDoors doors, Persistence persistence, Throwable cause) {
        this.driver = driver;
        this.desk = desk;
        this.doors = doors;
        this.persistence = persistence;
        this.cause = cause;
    }

    private void fail(TaskId task) {
        if (desk.isOpen(task)) {
            desk.mistaken(task, cause);
        }
    }

    /** What a worker did not hear it does not do. It did not die of it, either: nothing that it runs is suspected. */
    private void letGo(WorkerId worker) {
        WorkerDoor door = doors.find(worker);
        if (door != null) {
            driver.handle(new Event.WorkerDraining(worker));
            door.drop(Refusals.text("the server failed to send it a message", cause));
        }
    }

    /** Those who were to hear were told or let go one by one. That it failed means that one could not be let go. */
    private void giveUp() {
        throw new IllegalStateException("sending to a peer failed, and so did disconnecting it", cause);
    }

    @Override
    public void on(Effect.TaskAccepted effect) {
        giveUp();
    }

    @Override
    public void on(Effect.TaskRefused effect) {
        giveUp();
    }

    @Override
    public void on(Effect.PatchAnswered effect) {
        giveUp();
    }

    @Override
    public void on(Effect.MakePayloads effect) {
        fail(effect.task());
    }

    @Override
    public void on(Effect.DescribeTask effect) {
        letGo(effect.worker());
    }

    @Override
    public void on(Effect.Assign effect) {
        letGo(effect.worker());
    }

    @Override
    public void on(Effect.Revoke effect) {
        letGo(effect.worker());
    }

    @Override
    public void on(Effect.Ack effect) {
        letGo(effect.worker());
    }

    @Override
    public void on(Effect.CancelLease effect) {
        letGo(effect.worker());
    }

    @Override
    public void on(Effect.CancelWork effect) {
        letGo(effect.worker());
    }

    @Override
    public void on(Effect.Forget effect) {
        letGo(effect.worker());
    }

    @Override
    public void on(Effect.RefuseMessage effect) {
        letGo(effect.worker());
    }

    /** The core knows it no more. */
    @Override
    public void on(Effect.DropWorker effect) {
        WorkerDoor door = doors.find(effect.worker());
        if (door != null) {
            door.drop(effect.reason());
            doors.close(effect.worker());
        }
    }

    @Override
    public void on(Effect.GoAway effect) {
        letGo(effect.worker());
    }

    @Override
    public void on(Effect.Fold effect) {
        fail(effect.task());
    }

    @Override
    public void on(Effect.FoldCombined effect) {
        fail(effect.task());
    }

    @Override
    public void on(Effect.FoldFailed effect) {
        fail(effect.task());
    }

    @Override
    public void on(Effect.CloseChunk effect) {
        fail(effect.task());
    }

    @Override
    public void on(Effect.Finish effect) {
        fail(effect.task());
    }

    @Override
    public void on(Effect.Persist effect) {
        persistence.notHandedOver(effect, cause);
    }

    /** The next report has more to say. */
    @Override
    public void on(Effect.ReportProgress effect) {}

    @Override
    public void on(Effect.TaskEnded effect) {
        giveUp();
    }
}
