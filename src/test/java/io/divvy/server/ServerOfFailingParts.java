package io.divvy.server;

import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Json;
import io.divvy.protocol.Progress;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.ToWorker;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.RetryPolicy;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerTerms;
import io.divvy.server.session.ArrivedResults;
import io.divvy.server.session.TaskWatcher;
import io.divvy.server.session.Tasks;
import io.divvy.server.session.WorkerDoor;
import io.divvy.server.session.WorkerDoors;
import io.divvy.state.Results;
import io.divvy.state.TaskId;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.ChunkRow;
import io.divvy.store.ForwardingStore;
import io.divvy.store.MemoryStore;
import io.divvy.store.NewTask;
import io.divvy.store.Retention;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskStore;
import io.divvy.task.TaskTypes;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** What a server is made of, without its loop: its store, its senders and its workers fail when the test wants it. */
abstract class ServerOfFailingParts {
    static final Error NO_MEMORY = new OutOfMemoryError("as if there were none");
    static final long SAVED_AFTER_MS = 1_000;

    final Store store = new Store();
    final SchedulerDriver driver =
            new SchedulerDriver(new Scheduler(Limits.DEFAULT, new RetryPolicy(1, 1), true, 1), () -> this.nowMs, null);
    final TypeLanes lanes = new TypeLanes(TaskTypes.builtin(), ServerLimits.DEFAULT.types());
    final AnswerRoom answers = new AnswerRoom(Long.MAX_VALUE);
    final TaskDesk desk = new TaskDesk(
            driver,
            store,
            new TaskDesk.Lookup(new TaskNames(driver, store, turn -> {}), new TaskViews(1 << 20)),
            new Submissions(
                    driver,
                    lanes,
                    new TaskIds(() -> this.nowMs),
                    new KeyLookups(store, driver.scheduler()::isTaken, new ByteBudget(1 << 20)),
                    new TaskWorks(answers)),
            new WatchDesk(driver, store, new TaskWatchers(1 << 20), (dueMs, action) -> () -> {}));
    final WorkerDoors doors = new WorkerDoors(1 << 20);
    final Persistence persistence = new Persistence(driver, desk, store, answers);
    FatalEnd.@Nullable Reason broken;
    long nowMs = 1_780_000_000_000L;

    @BeforeEach
    void start() {
        store.start(Runnable::run, new TaskStore.Listener() {
            @Override
            public void failing(String why) {}

            @Override
            public void recovered() {}

            @Override
            public void lost(String why) {}
        });
        driver.start(
                new EffectExecutor(
                        desk, doors, persistence, answers, new TypeCalls(driver, desk, answers, ServerLimits.DEFAULT)),
                cause -> new Amends(driver, desk, doors, persistence, cause),
                (why, cause) -> broken = why);
    }

    /** Its calls fail as often as they are to. */
    static final class Store extends ForwardingStore {
        int failingCreations;
        int failingAdvances;
        int failingEnds;
        /** Whether what comes is not stored yet, and ends are forgotten, as those of tasks whose creation fails are. */
        boolean isLate;

        final Map<TaskId, Consumer<String>> late = new LinkedHashMap<>();

        Store() {
            super(new MemoryStore(Retention.DEFAULT));
        }

        @Override
        public boolean isDurable() {
            return true;
        }

        @Override
        public void createTask(NewTask task, Runnable committed, Consumer<String> failed) {
            if (failingCreations-- > 0) {
                throw NO_MEMORY;
            }
            if (isLate) {
                late.put(task.task().spec().id(), failed);
                return;
            }
            super.createTask(task, committed, failed);
        }

        @Override
        public void advanceTask(TaskId task, TaskProgress progress, List<ChunkRow> chunks, Runnable committed) {
            if (failingAdvances-- > 0) {
                throw NO_MEMORY;
            }
            super.advanceTask(task, progress, chunks, committed);
        }

        @Override
        public void finishTask(StoredTask task, Runnable committed) {
            if (failingEnds-- > 0) {
                throw NO_MEMORY;
            }
            if (isLate) {
                return;
            }
            super.finishTask(task, committed);
        }
    }

    /** Somebody who submits a task and waits for its end. */
    class Sender implements Tasks.SubmitReply, TaskWatcher {
        @Nullable
        TaskId task;

        @Nullable
        ErrorCode refusal;

        @Nullable
        TaskSnapshot end;

        @Nullable
        Throwable letGoBecause;

        Sender submit(int subtasks) {
            return submit("{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":" + subtasks + "},\"subtasks\":"
                    + subtasks + "}");
        }

        Sender submit(String task) {
            try {
                desk.submit(TaskObject.read((ObjectNode) Json.read(task.getBytes(), 0, task.length())), this);
            } catch (ProtocolException e) {
                throw new AssertionError(e);
            }
            return this;
        }

        @Override
        public void accepted(TaskId id, long subtasks, boolean isNew) {
            task = id;
            desk.watch(id, this, exists -> {}, why -> {});
        }

        @Override
        public void refused(ErrorCode code, String message, @Nullable Long retryAfterMs) {
            refusal = code;
        }

        @Override
        public void onEnd(StoredTask stored) {
            end = stored.task();
        }

        @Override
        public void letGo(Throwable cause) {
            letGoBecause = cause;
        }

        @Override
        public boolean wantsProgress() {
            return false;
        }

        @Override
        public void onProgress(String taskId, Progress progress) {}

        @Override
        public long longestResultBytes() {
            return 1_000;
        }
    }

    /** A worker of one slot that hears what it is told, but for one kind of message. */
    final class Worker implements WorkerDoor {
        final WorkerId id;
        final @Nullable String deafTo;
        final List<Effect.Assign> leases = new ArrayList<>();

        @Nullable
        String droppedBecause;

        Worker(String name, @Nullable String deafTo) {
            this(name, deafTo, null);
        }

        Worker(String name, @Nullable String deafTo, @Nullable Set<String> takes) {
            this.deafTo = deafTo;
            try {
                WorkerDoors.Entrance entrance = doors.open(this, name, null, null, Set.of());
                id = entrance.id();
                driver.handle(new Event.WorkerJoined(
                        id,
                        entrance.identity(),
                        WorkerTerms.heartbeatEvery(5_000)
                                .credit(8)
                                .takes(takes)
                                .acks(true)
                                .build()));
            } catch (ProtocolException e) {
                throw new AssertionError(e);
            }
        }

        void hear(String kind) {
            if (deafTo != null && deafTo.contains(kind)) {
                throw NO_MEMORY;
            }
        }

        void answer(Results results) {
            Effect.Assign lease = leases.remove(0);
            driver.handle(Event.ResultsArrived.each(id, lease.lease(), lease.from(), lease.to(), results));
        }

        void answer() {
            Effect.Assign lease = leases.get(0);
            answer(new ArrivedResults(
                    ResultValues.of(Collections.nCopies((int) (lease.to() - lease.from()), LongNode.valueOf(1)))));
        }

        @Override
        public void describe(ToWorker.TaskDescription task) {
            hear("describe");
        }

        @Override
        public void assign(long lease, String taskId, long from, long to, ToWorker.@Nullable PayloadArray payloads) {
            hear("assign");
            leases.add(new Effect.Assign(id, lease, new TaskId(taskId), from, to, (PayloadText) payloads));
        }

        @Override
        public void revoke(long lease, long from) {
            hear("revoke");
        }

        @Override
        public void cancelLease(long lease) {
            hear("cancelLease");
        }

        @Override
        public void acknowledge(@Nullable Long lease, String taskId, long from, long to) {
            hear("acknowledge");
        }

        @Override
        public void cancelWork(String taskId) {
            hear("cancelWork");
        }

        @Override
        public void forget(String taskId) {
            hear("forget");
        }

        @Override
        public void goAway(boolean reconnect) {
            hear("goAway");
        }

        @Override
        public @Nullable InetSocketAddress address() {
            return null;
        }

        @Override
        public void refuse(ErrorCode code, String message) {
            hear("refuse");
        }

        @Override
        public void supersede() {}

        @Override
        public void drop(String reason) {
            hear("drop");
            droppedBecause = reason;
            doors.close(id);
            driver.handle(new Event.WorkerLeft(id, reason));
        }
    }

    void passSaving() {
        nowMs += SAVED_AFTER_MS;
        driver.tick(nowMs);
    }
}
