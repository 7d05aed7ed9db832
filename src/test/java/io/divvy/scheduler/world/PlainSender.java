package io.divvy.scheduler.world;

import io.divvy.protocol.Hello;
import io.divvy.protocol.Plain;
import io.divvy.protocol.TaskObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.SplittableRandom;

/** A sender of dialect 1. On a new connection it submits under the same ids again what was not answered. */
final class PlainSender extends SimulatedSender {
    /** In the order in which it was, and is, submitted. */
    private final Deque<Wanted> open = new ArrayDeque<>();

    PlainSender(World world, String name, SplittableRandom random) {
        super(world, name, random);
    }

    @Override
    Hello hello() {
        return new Hello.PlainSender();
    }

    @Override
    OwedAnswers newAnswers() {
        return new PlainAnswers(world, open::remove);
    }

    @Override
    boolean isServed() {
        return open.isEmpty();
    }

    @Override
    void submit(Wanted wanted, SplittableRandom salt) {
        open.add(wanted);
        send(wanted);
    }

    private void send(Wanted wanted) {
        SenderConnection on = open();
        if (on != null) {
            on.toServer(message(wanted), () -> owed(on).asked(wanted));
        }
    }

    private static Plain message(Wanted wanted) {
        TaskObject object = wanted.object();
        return new Plain.Task(
                Objects.requireNonNull(wanted.key(), "a plain sender gives each task an id")
                        .text(),
                object.params().path(WorldType.START).bigIntegerValue(),
                object.params().path("end").bigIntegerValue(),
                wanted.subtasks());
    }

    private static PlainAnswers owed(SenderConnection on) {
        return (PlainAnswers) on.owed;
    }

    @Override
    void askAgain() {
        open.forEach(this::send);
    }

    /** What makes no sense is answered in its turn; after what is no message nothing more comes. */
    @Override
    void lie(SplittableRandom salt) {
        SenderConnection on = open();
        if (on == null) {
            return;
        }
        if (salt.nextBoolean()) {
            on.garbageToServer("{\"task_id\":", () -> owed(on).askedGarbage());
        } else {
            on.garbageToServer(
                    "{\"task_id\":\"odd\",\"range\":[2,1],\"num_subtasks\":0}", () -> owed(on).askedNonsense());
        }
    }
}
