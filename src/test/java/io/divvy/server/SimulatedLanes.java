package io.divvy.server;

import io.divvy.guard.Failure;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.protocol.TaskObject;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where code of task types runs in a simulated world, which has no threads: code that did not ship takes the time that the world
 * says, and fails or hangs when the world says so.
 */
final class SimulatedLanes implements CodeLanes {
    private static final long HANGS_MS = 3_000;

    private final TaskTypes types;
    private final ShippedServer.Surroundings around;

    SimulatedLanes(TaskTypes types, ShippedServer.Surroundings around) {
        this.types = types;
        this.around = around;
    }

    @Override
    public TaskTypes types() {
        return types;
    }

    @Override
    public TaskLanes of(TaskObject task) {
        TaskType type = types.find(task.type());
        boolean isForeign = type != null && TaskLanes.needCodeOfType(task) && around.isForeign(type);
        return new TaskLanes(isForeign ? new Lane(task, true) : TypeLane.INLINE, () -> new Lane(task, false));
    }

    @Override
    public <T> Outcome<T> await(TypeLane lane, Guard.Code<T> code) {
        return Guard.call(code);
    }

    /** The calls of one task, one after the other. */
    private final class Lane implements TypeLane {
        private final TaskObject task;
        private final boolean isForeign;
        /** The first of them runs. */
        private final Deque<Call<?>> calls = new ArrayDeque<>();

        private @Nullable Failure brokenBy;

        private record Call<T>(String what, Guard.Code<T> code, Consumer<Outcome<T>> then) {
            void run() {
                then.accept(Guard.call(code));
            }

            void fail(Failure failure) {
                then.accept(new Outcome.Failed<>(failure));
            }
        }

        Lane(TaskObject task, boolean isForeign) {
            this.task = task;
            this.isForeign = isForeign;
        }

        @Override
        public boolean isForeign() {
            return isForeign;
        }

        @Override
        public void begin(String call) {
            // Its time is the world's.
        }

        @Override
        public <T> void call(String what, long bytes, Guard.Code<T> code, Consumer<Outcome<T>> then) {
            Call<T> call = new Call<>(what, code, then);
            if (brokenBy != null) {
                call.fail(brokenBy);
                return;
            }
            calls.add(call);
            if (calls.size() == 1) {
                next();
            }
        }

        private void next() {
            Call<?> call = calls.peek();
            if (call == null) {
                return;
            }
            ShippedServer.Fault fault = isForeign ? around.faultOf(task) : ShippedServer.Fault.NONE;
            long ms = fault == ShippedServer.Fault.HANGS ? HANGS_MS : around.callMs();
            if (ms == 0) {
                returned(call, fault);
            } else {
                around.after(ms, () -> returned(call, fault));
            }
        }

        private void returned(Call<?> call, ShippedServer.Fault fault) {
            if (fault == ShippedServer.Fault.HANGS) {
                brokenBy = Failure.unreturned(call.what, HANGS_MS);
                calls.remove();
                call.fail(brokenBy);
                failAll(brokenBy);
                return;
            }
            if (fault == ShippedServer.Fault.THROWS) {
                call.fail(Failure.of(new IllegalStateException("this code fails")));
            } else {
                call.run();
            }
            calls.remove(call); // Only now: what it led to waits behind it.
            next();
        }

        private void failAll(Failure failure) {
            for (Call<?> waiting = calls.poll(); waiting != null; waiting = calls.poll()) {
                waiting.fail(failure);
            }
        }

        @Override
        public void end() {
            brokenBy = Failure.of(new IllegalStateException("the task has ended"));
            Call<?> running = calls.poll();
            failAll(brokenBy);
            if (running != null) {
                calls.add(running);
            }
        }
    }
}
