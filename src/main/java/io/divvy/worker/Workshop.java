package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Failure;
import io.divvy.guard.Guard;
import io.divvy.protocol.Frames;
import io.divvy.protocol.FromWorker;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.ToWorker;
import io.divvy.task.TaskType;
import io.divvy.worker.LeaseQueue.Batch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The work of a worker, whatever becomes of its connections: the {@link WorkerCore} decides, and this class tells it what
 * happens, one thing at a time, and does what it says. So it is the only place where the core meets threads.
 */
final class Workshop implements Slot.Feed, BatchReports {
    /** How exactly subtask timeouts are kept. */
    private static final long TIMEOUT_CHECK_MS = 50;

    /** Tells servers that what ran on the last connection still runs. */
    private final String instance = UUID.randomUUID().toString();

    private final List<Slot> slots;
    private final TaskPreparation preparation = new TaskPreparation(this::doubtAfter);
    private final ScheduledExecutorService timer;
    private final Consumer<String> onDoubt;

    /** Guarded by itself, as what follows. Nobody takes it who has the lock of a {@link BatchRun}, but the other way round. */
    private final WorkerCore core;

    /** What slots run, by number; null where one is free. */
    private final @Nullable BatchRun[] runs;

    /** The connection that the core means; null while there is none. */
    private @Nullable ServerLink present;

    private final AtomicLong done = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private boolean isClosed;
    /** How many wait until no slot has anything. */
    private int drains;

    /** @param onDoubt hears why this process had better be started anew; more than once, and on any thread */
    Workshop(int slotCount, Consumer<String> onDoubt) {
        this.onDoubt = onDoubt;
        runs = new @Nullable BatchRun[slotCount];
        slots = new ArrayList<>(slotCount);
        for (int i = 0; i < slotCount; i++) {
            slots.add(new Slot(this, i));
        }
        core = new WorkerCore(slotCount, new RunningBatches());
        timer = DaemonThreads.scheduled(1, "divvy-subtask-timeouts");
    }

    /** The slots as the core has them in hand. */
    private final class RunningBatches implements WorkerCore.Slots {
        @Override
        public long halt(int slot) {
            return of(slot).halt();
        }

        @Override
        public void interrupt(int slot) {
            of(slot).interrupt();
        }

        private BatchRun of(int slot) {
            BatchRun run = runs[slot];
            if (run == null) {
                throw new IllegalStateException("slot " + slot + " has no batch");
            }
            return run;
        }
    }

    /** What it is known by to servers, on all of its connections; no other has the same. */
    String instance() {
        return instance;
    }

    Activity activity() {
        int[] busy = {0};
        String[] type = {""};
        forEachRun(run -> {
            busy[0]++;
            type[0] = run.taskType();
        });
        return new Activity(busy[0], slots.size(), busy[0] == 0 ? null : type[0], done.get(), failed.get());
    }

    void open() {
        slots.forEach(Slot::start);
        timer.scheduleWithFixedDelay(this::checkTimeouts, TIMEOUT_CHECK_MS, TIMEOUT_CHECK_MS, TimeUnit.MILLISECONDS);
    }

    /** Nobody is going to hear of anything any more: what runs is interrupted. */
    void close() {
        timer.shutdownNow();
        synchronized (core) {
            isClosed = true;
            core.close();
            forEachRun(BatchRun::interrupt);
            core.notifyAll();
        }
    }

    private void forEachRun(Consumer<BatchRun> action) {
        synchronized (core) {
            for (BatchRun run : runs) {
                if (run != null) {
                    action.accept(run);
                }
            }
        }
    }

    private void checkTimeouts() {
        Failure failure = Guard.run(() -> {
            long nowNanos = System.nanoTime();
            forEachRun(run -> run.checkTimeout(nowNanos));
        });
        if (failure != null) {
            doubt("timeouts could not be checked: " + failure);
        }
    }

    /** Nothing more is begun; what runs is finished. */
    @Override
    public void doubt(String why) {
        synchronized (core) {
            isClosed = true;
            core.close();
            core.notifyAll();
        }
        onDoubt.accept(why);
    }

    /** The same if the failure gives a reason: what lacked memory here may have lacked it elsewhere, unseen. */
    @Override
    public void doubtAfter(Failure failure) {
        if (failure.putsProcessInDoubt()) {
            doubt("the code of a task type failed with " + failure);
        }
    }

    /** Makes ready what is needed of the task's type. */
    WorkerTask prepare(ToWorker.TaskDescription description, TaskType type) {
        return preparation.prepare(description, type);
    }

    // How the core hears of things.

    /** What the core wants done, on the connection that there was when it said so; null if there was none. */
    private record Due(List<WorkerEffect> effects, @Nullable ServerLink session) {
        void perform(@Nullable Encoded encoded) {
            if (session == null) {
                return; // There was nobody to say anything to.
            }
            for (WorkerEffect effect : effects) {
                if (effect instanceof WorkerEffect.Send send) {
                    say(session, send, encoded);
                } else if (effect instanceof WorkerEffect.BreakOff breakOff) {
                    session.breakOff(breakOff.reason());
                }
            }
        }

        private static void say(ServerLink session, WorkerEffect.Send send, @Nullable Encoded encoded) {
            ByteBuffer frame = encoded != null && encoded.message() == send.message()
                    ? encoded.frame()
                    : Frames.encode(send.message());
            if (send.inCompany()) {
                session.sendInCompany(frame);
            } else {
                session.send(frame);
            }
        }
    }

    /** A message whose bytes were made already, to see whether they fit. */
    private record Encoded(FromWorker message, ByteBuffer frame) {
        static Encoded of(FromWorker message) {
            return new Encoded(message, Frames.encode(message));
        }
    }

    /** Tells the core something, and does what it says. */
    void tell(Consumer<WorkerCore> event) {
        decide(event).perform(null);
    }

    private Due decide(Consumer<WorkerCore> event) {
        synchronized (core) {
            event.accept(core);
            if (core.hasWork() || drains > 0 && core.isIdle()) {
                core.notifyAll();
            }
            return new Due(core.effects(), present);
        }
    }

    // What becomes of connections.

    /** There is a connection. Returns what says on it what may not be durable, and can take long. */
    Runnable welcomed(ServerLink session) {
        Due due = decide(told -> {
            present = session;
            told.connected();
            if (session.isLeaving()) {
                told.drain();
            }
        });
        return () -> due.perform(null);
    }

    /** The connection is over; the session says so already. */
    void ended(ServerLink session) {
        synchronized (core) {
            if (present == session) {
                present = null;
                core.disconnected();
            }
            core.notifyAll();
        }
    }

    /** Gives back what is not started, and waits until all that is started is answered, or the connection over. */
    void drain(ServerLink leaving) throws InterruptedException {
        if (isPresent(leaving)) {
            tell(WorkerCore::drain);
        } else {
            leaving.send(Frames.encode(new FromWorker.Drain())); // It is not welcome yet: see welcomed.
        }
        synchronized (core) {
            drains++;
            try {
                while (!core.isIdle() && !leaving.isOver()) {
                    core.wait();
                }
            } finally {
                drains--;
            }
        }
    }

    private boolean isPresent(ServerLink session) {
        synchronized (core) {
            return present == session;
        }
    }

    @Override
    public void breakOff(String reason) {
        ServerLink session;
        synchronized (core) {
            session = present;
        }
        if (session != null) {
            session.breakOff(reason);
        }
    }

    // What the slots do.

    @Override
    public @Nullable BatchRun take(int slot) throws InterruptedException {
        synchronized (core) {
            while (!isClosed) {
                Batch batch = core.take(slot);
                if (batch != null) {
                    BatchRun run = new BatchRun(this, slot, batch, Thread.currentThread());
                    runs[slot] = run;
                    return run;
                }
                core.wait();
            }
            return null;
        }
    }

    @Override
    public void finished(int slot, long next) {
        tell(told -> {
            runs[slot] = null;
            told.finished(slot, next);
        });
    }

    @Override
    public void answer(int slot, Batch batch, long from, ResultValues values) throws UnfitResultException {
        FromWorker.Result answer = new FromWorker.Result(batch.lease().number(), from, values);
        Encoded encoded = Encoded.of(answer);
        // What cannot be sent must not be kept either: it could not be offered.
        if (!ResultCheck.fits(encoded.frame())) {
            throw new UnfitResultException(values.size() + " results from index " + from + " on take "
                    + encoded.frame().remaining() + " bytes as a message; expected at most "
                    + ProtocolLimits.MAX_FRAME_BYTES);
        }
        done.addAndGet(values.size());
        decide(told -> told.answered(slot, answer)).perform(encoded);
    }

    @Override
    public boolean answerFolded(int slot, Batch batch, JsonNode combined) {
        FromWorker.Combined answer =
                new FromWorker.Combined(batch.lease().number(), batch.from(), batch.to(), combined);
        Encoded encoded = Encoded.of(answer);
        if (!ResultCheck.fits(encoded.frame())) {
            return false;
        }
        done.addAndGet(batch.size());
        decide(told -> told.folded(slot, answer)).perform(encoded);
        return true;
    }

    @Override
    public void failed(int slot, long index, SubtaskFailure failure) {
        failed.incrementAndGet();
        tell(told -> told.failed(slot, index, failure));
    }
}
