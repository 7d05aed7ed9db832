package io.divvy.scheduler.world;

import io.divvy.scheduler.world.Request.Kind;
import io.divvy.server.ShippedServer;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskPatch;
import io.divvy.store.StoredTask;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Lets steps befall senders, and what they submitted. */
final class SenderSteps {
    /** Steps are about the tasks that were submitted last: most others have ended. */
    private static final int TASKS_TALKED_ABOUT = 8;

    private static final long MOST_SUBTASKS_OF_SMALL_TASK = 60;
    /** After so long an end of a connection takes the other for gone that says nothing. */
    private static final long SILENCE_MS = 30_000;

    private static final int MOST_SENDERS = 3;
    private static final int MOST_PLAIN_SENDERS = 2;

    /** More than may be looked up for one sender at once. */
    private static final int QUESTIONS_OF_FLOOD = 600;

    private final World world;
    private final Senders senders;
    /** Whether a sender asks very much at once now and then: that takes long, so most worlds have none. */
    private final boolean hasFloods;

    SenderSteps(World world, Senders senders, SplittableRandom random) {
        this.world = world;
        this.senders = senders;
        this.hasFloods = random.nextInt(32) == 0 && !world.settings().commitsAtOnce();
    }

    void perform(Step step, SplittableRandom salt) {
        switch (step.kind()) {
            case SUBMIT -> submit(step, salt);
            case SUBMIT_AGAIN -> submitAgain(salt);
            case DELETE -> delete(salt);
            case CANCEL -> cancel(salt);
            case PATCH -> patch(salt);
            case RERUN -> rerun(salt);
            case WATCH -> watch(salt);
            case ATTACH -> ask(Kind.ATTACH, salt);
            case STATUS -> ask(Kind.STATUS, salt);
            case FLOOD -> flood(salt);
            case BREAK_TASK -> breakTask(salt);
            case CUT_SENDER -> cut(salt);
            case SHUT_SENDER -> shut(salt);
            case KILL_SENDER -> kill(salt);
            case LIE_OF_SENDER -> lie(salt);
            default -> throw new IllegalStateException(step + " befalls no sender");
        }
    }

    // What they submit.

    private void submit(Step step, SplittableRandom salt) {
        boolean isLarge = salt.nextInt(8) == 0;
        // Now and then there is nothing to do.
        long subtasks = salt.nextLong(1 + (isLarge ? world.settings().mostSubtasks() : MOST_SUBTASKS_OF_SMALL_TASK));
        Door door = Door.pick(salt);
        int number = world.wants().nextNumber();
        Wanted wanted = door == Door.PLAIN
                ? TaskPlan.plain(number, Math.max(1, subtasks), plainId(step.number(), salt))
                : TaskPlan.of(number, subtasks, key(step.number(), salt), world.clockMs(), salt);
        world.wants().add(wanted);
        submit(wanted, door, salt);
    }

    /** Where a task is submitted. */
    private enum Door {
        DESK,
        PROTOCOL_2,
        PLAIN;

        static Door pick(SplittableRandom salt) {
            int pick = salt.nextInt(8);
            return pick < 2 ? DESK : pick < 5 ? PROTOCOL_2 : PLAIN;
        }
    }

    private void submit(Wanted wanted, Door door, SplittableRandom salt) {
        if (door == Door.DESK) {
            world.note(() -> "at the desk somebody submits " + TaskPlan.describe(wanted));
            senders.desk.submit(wanted);
        } else {
            boolean isPlain = door == Door.PLAIN;
            SimulatedSender sender = senders.pick(isPlain, isPlain ? MOST_PLAIN_SENDERS : MOST_SENDERS, salt);
            world.note(() -> sender + " submits " + TaskPlan.describe(wanted));
            sender.submit(wanted, salt);
        }
    }

    private static @Nullable SubmitKey key(int step, SplittableRandom salt) {
        return switch (salt.nextInt(4)) {
            case 0 -> null;
            case 1 -> SubmitKey.key(name(salt.nextInt(step + 5)));
            default -> SubmitKey.key(name(step));
        };
    }

    /** Some are called what others are called in the other scope, or what the server calls others. */
    private SubmitKey plainId(int step, SplittableRandom salt) {
        SimulatedTask other = salt.nextInt(16) == 0 ? pickTask(salt) : null;
        return SubmitKey.plainId(
                other != null ? other.id().value() : name(salt.nextInt(4) == 0 ? salt.nextInt(step + 5) : step));
    }

    private static String name(int number) {
        return "job-" + number;
    }

    private void submitAgain(SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (task == null) {
            return;
        }
        SubmitKey key = task.wanted.key();
        boolean isPlain = key != null && key.scope() == SubmitKey.Scope.PLAIN_ID;
        Door door = isPlain ? Door.PLAIN : salt.nextInt(3) == 0 ? Door.DESK : Door.PROTOCOL_2;
        if (salt.nextInt(3) > 0) {
            world.note(() -> "the next is " + task + " again");
            submit(task.wanted, door, salt);
        } else if (task.isAccepted && key != null) {
            world.note(() -> "the next is something else under the key of " + task);
            int number = world.wants().nextNumber();
            Wanted other = isPlain
                    ? TaskPlan.plain(number, task.subtasks(), key)
                    : TaskPlan.of(number, task.subtasks(), key, world.clockMs(), salt);
            world.wants().add(other);
            submit(other, door, salt);
        }
    }

    // What they do with tasks.

    private void delete(SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (task != null) {
            world.note(() -> "a sender deletes " + task);
            world.server().delete(task.id());
        }
    }

    private void cancel(SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (task == null) {
            return;
        }
        if (salt.nextBoolean()) {
            world.note(() -> "at the desk somebody cancels " + task);
            task.isCancelRequested = true;
            senders.desk.cancel(task);
        } else {
            ask(Kind.CANCEL, task, salt);
        }
    }

    private void patch(SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (task != null) {
            TaskPatch patch = TaskPlan.patch(salt);
            world.note(() -> "at the desk somebody changes " + task + ": " + patch);
            senders.desk.patch(task, patch);
        }
    }

    private void rerun(SplittableRandom salt) {
        SimulatedTask task = null;
        for (int tries = 0; tries < 8 && !canBeRunAgain(task); tries++) {
            task = pickTask(salt);
        }
        if (task != null) {
            SimulatedTask first = task;
            world.note(() -> "at the desk somebody runs " + first + " again");
            senders.desk.rerun(task);
        }
    }

    private static boolean canBeRunAgain(@Nullable SimulatedTask task) {
        StoredTask end = task == null ? null : task.end;
        return end != null && end.texts().whole() != null;
    }

    private void watch(SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (task != null && salt.nextInt(3) > 0) {
            world.note(() -> "somebody watches " + task);
            senders.desk.watch(task, salt.nextBoolean());
        } else if (task != null) {
            world.note(() -> "nobody watches " + task);
            senders.desk.unwatch(task);
        }
    }

    private void ask(Kind kind, SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (task != null) {
            ask(kind, task, salt);
        }
    }

    /** By its id, or by its alias if it has one: then whoever the server takes for that is meant. */
    private void ask(Kind kind, SimulatedTask task, SplittableRandom salt) {
        String alias = task.spec().alias();
        String name = alias == null || salt.nextBoolean() ? task.id().value() : alias;
        SimulatedSender sender = senders.pick(false, MOST_SENDERS, salt);
        if (kind == Kind.CANCEL) {
            world.cancelRequested(name);
        }
        world.note(() -> sender + " asks for " + task + ", as " + name + ": " + kind);
        boolean wantsProgress = salt.nextBoolean();
        ((RequestingSender) sender).ask(kind, name, wantsProgress);
        if (salt.nextInt(3) == 0) { // Somebody is impatient.
            world.schedule(salt.nextInt(2_000), () -> ((RequestingSender) sender).ask(kind, name, wantsProgress));
        }
    }

    private void flood(SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (hasFloods && task != null) {
            RequestingSender sender = (RequestingSender) senders.pick(false, MOST_SENDERS, salt);
            world.note(() -> sender + " asks " + QUESTIONS_OF_FLOOD + " times for " + task);
            for (int i = 0; i < QUESTIONS_OF_FLOOD; i++) {
                sender.ask(Kind.STATUS, task.id().value(), false);
            }
        }
    }

    private void breakTask(SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (task != null) {
            ShippedServer.Fault fault = salt.nextBoolean() ? ShippedServer.Fault.THROWS : ShippedServer.Fault.HANGS;
            boolean isForeign = task.spec().type().equals(WorldType.LETTERS.name());
            world.note(() -> "the code of the type of " + task + (isForeign ? " " + fault : " fails"));
            task.isBroken = true;
            if (isForeign) {
                world.plan(task, fault);
            } else {
                senders.desk.breakTask(task);
            }
        }
    }

    /** One that was submitted not long ago, or null. */
    @Nullable
    SimulatedTask pickTask(SplittableRandom salt) {
        int count = world.tasks.size();
        return count == 0 ? null : world.tasks.get(count - 1 - salt.nextInt(Math.min(count, TASKS_TALKED_ABOUT)));
    }

    // What befalls their connections.

    /** It breaks, or stands still, or a box in the middle forgets it: then each end misses the other only after a while. */
    private void cut(SplittableRandom salt) {
        SimulatedSender sender = senders.pickConnected(salt);
        SenderConnection connection = sender == null ? null : sender.connection;
        if (sender == null || connection == null) {
            return;
        }
        int pick = salt.nextInt(8);
        if (pick < 3) {
            long ms = 1 + salt.nextLong(10L * world.settings().mostStepMs());
            world.note(() -> "the " + connection + " stands still for " + ms + " ms");
            connection.stall(ms);
            return;
        }
        boolean isForgotten = pick == 3;
        world.note(() -> "the " + connection + (isForgotten ? " is forgotten on the way" : " is cut"));
        connection.cut();
        world.schedule(isForgotten ? SILENCE_MS : salt.nextInt(500), connection::gone);
        world.schedule(isForgotten ? SILENCE_MS : salt.nextInt(1_000), () -> sender.lost(connection));
    }

    private void shut(SplittableRandom salt) {
        SimulatedSender sender = senders.pickConnected(salt);
        if (sender != null) {
            world.note(() -> sender + " sends nothing more on this connection");
            sender.shut();
        }
    }

    private void kill(SplittableRandom salt) {
        SimulatedSender sender = senders.pickConnected(salt);
        SenderConnection connection = sender == null ? null : sender.connection;
        if (sender == null || connection == null) {
            return;
        }
        world.note(() -> sender + " is killed");
        senders.die(sender);
        if (salt.nextBoolean()) {
            connection.shut(); // Its system closes what it had, which looks the same at first.
        } else {
            connection.cut();
        }
        world.schedule(salt.nextInt(5_000), connection::gone);
    }

    private void lie(SplittableRandom salt) {
        SimulatedSender sender = senders.pickConnected(salt);
        if (sender != null) {
            world.note(() -> sender + " says what makes no sense");
            sender.lie(salt);
        }
    }
}
