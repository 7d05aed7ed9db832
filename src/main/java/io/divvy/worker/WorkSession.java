package io.divvy.worker;

import io.divvy.guard.Failure;
import io.divvy.guard.Guard;
import io.divvy.net.FrameSocket;
import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.Frames;
import io.divvy.protocol.FromWorker;
import io.divvy.protocol.Hello;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ServerHeartbeat;
import io.divvy.protocol.ToWorker;
import io.divvy.protocol.Welcome;
import io.divvy.task.TaskTypes;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of a worker, from its hello to its end: what is said over it. The work itself is the {@link Workshop}'s. */
final class WorkSession implements ServerLink, ToWorker.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(WorkSession.class);
    private static final int WELCOME_TIMEOUT_MS = 10_000;
    /** A server takes what it is sent at once, unless it is gone, or as good as gone. */
    private static final long WRITE_TIMEOUT_MS = 60_000;
    /** How long a server may take to write what waits and to close its side, once this worker has left. */
    private static final long GOODBYE_TIMEOUT_MS = 5_000;

    private static final long WRITE_CHECK_MS = 50;
    /** How long the last word to a server that says nothing may take. */
    private static final long LAST_WORD_MS = 1_000;
    /** How long an answer may wait for others, while there is more to do: far less than the work that a worker holds. */
    private static final long COMPANY_MS = 2;

    private final FrameSocket socket;
    private final Hello.Worker hello;
    private final DescribedTasks described;
    private final Workshop workshop;
    private final long serverSilenceMs;
    private final ScheduledExecutorService timer;
    /** Its only thread notices that all others hang in a write: heartbeats, offers, answers in company, the last word. */
    private final ScheduledExecutorService writeCheck;
    /** How long the server may send nothing; 0 for as long as it likes. */
    private volatile int silenceMs;

    private volatile boolean welcomed;
    private final AtomicBoolean draining = new AtomicBoolean();
    private final CountDownLatch drained = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    /** Guarded by the socket. */
    private boolean hasGreeted;

    private volatile boolean over;
    private volatile boolean outputEnded;
    private volatile @Nullable String brokenOffBecause;
    private volatile boolean dismissed;

    /**
     * @param hello what it says of its worker first; its name is known
     * @param serverSilenceMs after how long without a byte the connection is given up, if the server sends heartbeats
     */
    WorkSession(FrameSocket socket, Hello.Worker hello, TaskTypes types, Workshop workshop, long serverSilenceMs) {
        this.socket = socket;
        this.hello = hello;
        this.described = new DescribedTasks(types, workshop);
        this.serverSilenceMs = serverSilenceMs;
        this.silenceMs = (int) Math.min(WELCOME_TIMEOUT_MS, serverSilenceMs);
        this.workshop = workshop;
        this.timer = DaemonThreads.scheduled(3, "divvy-heartbeat");
        this.writeCheck = DaemonThreads.scheduled(1, "divvy-write-check");
    }

    /** Runs until the connection ends, by whatever side; returns why. */
    String run() {
        try {
            socket.setReceiveTimeoutMs(silenceMs);
            synchronized (socket) {
                if (!draining.get()) {
                    send(Frames.encode(hello));
                    hasGreeted = true;
                }
            }
            while (true) {
                byte[] frame = socket.receive();
                ToWorker.read(frame, 0, frame.length).dispatch(this);
            }
        } catch (SocketTimeoutException e) {
            sayLastWord();
            return "the server sent nothing for " + silenceMs + " ms";
        } catch (IOException e) {
            String reason = brokenOffBecause;
            if (reason != null) {
                return reason;
            }
            return draining.get()
                    ? "drained"
                    : String.valueOf(e.getMessage() == null ? "the server closed it" : e.getMessage());
        } catch (ProtocolException e) {
            return "the server sent something that is not of this protocol: " + e.getMessage();
        } finally {
            close();
        }
    }

    /** A server that only stood still finds it when it goes on, and sees that this worker left and did not die. */
    private void sayLastWord() {
        if (draining.get()) {
            return; // Said already.
        }
        // Not on this thread: to write may take for ever.
        Future<?> said = timer.submit(() -> send(Frames.encode(new FromWorker.Drain())));
        try {
            said.get(LAST_WORD_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("the silent server could not be told that this worker leaves: {}", String.valueOf(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void close() {
        timer.shutdownNow();
        writeCheck.shutdownNow();
        over = true;
        workshop.ended(this);
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing failed: {}", e.getMessage());
        }
        ended.countDown();
    }

    /** Ends the connection because it makes no sense to go on with it. Another one can be tried. */
    @Override
    public void breakOff(String reason) {
        brokenOffBecause = reason;
        closeBroken();
    }

    /** Whether the server answered the hello. */
    boolean wasWelcomed() {
        return welcomed;
    }

    /** Whether nothing more is begun that came over it. */
    @Override
    public boolean isLeaving() {
        return over || draining.get();
    }

    /** Whether nothing more can be said over it. */
    @Override
    public boolean isOver() {
        return over;
    }

    /** Whether the server does not want this worker any more. */
    boolean isDismissed() {
        return dismissed;
    }

    /**
     * Finishes the subtasks that run, gives back the others by closing the connection, and returns. If the connection is lost
     * meanwhile, it returns at once. A second call waits for the first.
     */
    void drain() {
        boolean interrupted = false;
        try {
            if (draining.compareAndSet(false, true)) {
                finishStarted();
            } else {
                drained.await();
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing failed: {}", e.getMessage());
        }
        drained.countDown();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void finishStarted() throws InterruptedException {
        synchronized (socket) {
            if (!hasGreeted) {
                return; // Before the hello nothing makes sense to a server, and nothing is to be finished.
            }
        }
        workshop.drain(this);
        // A socket that is closed with something unread in it takes back what it sent last. So the server closes first.
        outputEnded = true;
        try {
            socket.endOutput();
            if (!ended.await(GOODBYE_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                LOG.info(
                        "worker {}: the server did not close the connection within {} ms",
                        hello.name(),
                        GOODBYE_TIMEOUT_MS);
            }
        } catch (IOException e) {
            LOG.debug("the connection broke while it was drained: {}", e.getMessage());
        }
    }

    /** Sends a message. If that fails the connection is broken, and {@link #run} ends. */
    @Override
    public void send(ByteBuffer frame) {
        if (outputEnded) {
            return; // All was said: what the server still asks, it asks somebody who leaves.
        }
        try {
            socket.send(frame);
        } catch (IOException e) {
            LOG.debug("sending failed: {}", e.getMessage());
            if (!outputEnded) {
                closeBroken();
            }
        }
    }

    /**
     * Sends an answer together with those that follow. Of quick subtasks a write takes as long as tens of thousands, and as
     * long on the side of the server.
     */
    @Override
    public void sendInCompany(ByteBuffer frame) {
        if (outputEnded) {
            return;
        }
        try {
            if (socket.sendInCompany(frame)) {
                timer.schedule(() -> guarded(this::flush), COMPANY_MS, TimeUnit.MILLISECONDS);
            }
        } catch (IOException e) {
            LOG.debug("sending failed: {}", e.getMessage());
            closeBroken();
        } catch (RejectedExecutionException e) {
            LOG.debug("the connection has ended; what is not acknowledged is offered to the next one");
        }
    }

    private void flush() {
        try {
            socket.flush();
        } catch (IOException e) {
            LOG.debug("sending failed: {}", e.getMessage());
            if (!outputEnded) {
                closeBroken();
            }
        }
    }

    private void closeBroken() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing failed: {}", e.getMessage());
        }
    }

    @Override
    public void on(Welcome welcome) {
        try {
            silenceMs = welcome.silenceMs(serverSilenceMs);
            socket.setReceiveTimeoutMs(silenceMs);
        } catch (IOException e) {
            LOG.debug("the connection broke while it was welcomed: {}", e.getMessage());
            return;
        }
        welcomed = true;
        LOG.info("worker {}: connected to {}, session {}", hello.name(), welcome.server(), welcome.session());
        // Three times as often as must be: a pause of this process does not look like its death.
        long periodMs = Math.max(1, welcome.heartbeatMs() / 3);
        timer.scheduleWithFixedDelay(
                () -> guarded(() -> workshop.tell(WorkerCore::beat)), periodMs, periodMs, TimeUnit.MILLISECONDS);
        writeCheck.scheduleWithFixedDelay(
                () -> guarded(this::checkWrite), WRITE_CHECK_MS, WRITE_CHECK_MS, TimeUnit.MILLISECONDS);
        Runnable offers = workshop.welcomed(this);
        // Not on this thread: a server that is not read from may not read either.
        timer.execute(() -> guarded(offers::run));
    }

    /** Without heartbeats, or with offers that were never made, this connection is worth nothing. */
    private void guarded(Guard.Action action) {
        Failure failure = Guard.run(action);
        if (failure != null) {
            breakOff("this worker failed to send a message: " + failure);
            workshop.doubtAfter(failure);
        }
    }

    private void checkWrite() {
        if (socket.sendingNanos(System.nanoTime()) > TimeUnit.MILLISECONDS.toNanos(WRITE_TIMEOUT_MS)) {
            breakOff("the server took nothing for " + WRITE_TIMEOUT_MS + " ms");
        }
    }

    /** That it came is all there is to it: see {@link #silenceMs}. */
    @Override
    public void on(ServerHeartbeat heartbeat) {}

    @Override
    public void on(ErrorMessage error) {
        LOG.warn("worker {}: the server says {}: {}", hello.name(), error.code(), error.message());
    }

    @Override
    public void on(ToWorker.TaskDescription description) {
        WorkerTask task = described.add(description);
        if (task == null) {
            LOG.warn(
                    "worker {}: task {} is of type {}, which this worker did not offer; ignoring it",
                    hello.name(),
                    description.taskId(),
                    description.taskType());
            return;
        }
        tell(core -> core.described(task));
    }

    @Override
    public void on(ToWorker.Assign assign) {
        WorkerTask split = assign.payloads() == null ? described.split(assign.taskId()) : null;
        tell(core -> {
            if (split != null) {
                core.described(split);
            }
            core.assign(assign);
        });
    }

    @Override
    public void on(ToWorker.Ack ack) {
        tell(core -> core.acked(ack));
    }

    @Override
    public void on(ToWorker.Revoke revoke) {
        tell(core -> core.revoke(revoke.lease(), revoke.from()));
    }

    @Override
    public void on(ToWorker.CancelLease cancel) {
        tell(core -> core.cancelLease(cancel.lease()));
    }

    @Override
    public void on(ToWorker.Cancel cancel) {
        tell(core -> core.cancelTask(cancel.taskId()));
    }

    @Override
    public void on(ToWorker.Forget forget) {
        described.forget(forget.taskId());
        tell(core -> core.forget(forget.taskId()));
    }

    private void tell(Consumer<WorkerCore> event) {
        if (welcomed) {
            workshop.tell(event);
        } else {
            breakOff("the server sent a message about a task before its welcome");
        }
    }

    @Override
    public void on(ToWorker.GoAway goAway) {
        LOG.info(
                "worker {}: the server {}",
                hello.name(),
                goAway.reconnect() ? "stops" : "does not need this worker any more");
        dismissed = !goAway.reconnect();
        // Not on this thread: it has to hear of tasks that are cancelled meanwhile.
        Thread drainer = new Thread(this::drain, "divvy-drain");
        drainer.setDaemon(true);
        drainer.start();
    }

    @Override
    public void on(ToWorker.Unknown message) {
        LOG.debug("worker {}: ignoring a message of type {}", hello.name(), message.type());
    }
}
