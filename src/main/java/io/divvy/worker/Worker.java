package io.divvy.worker;

import io.divvy.guard.Failure;
import io.divvy.net.FrameSocket;
import io.divvy.protocol.Hello;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.task.TaskTypes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works for a server until it is drained, by its own process or by the server. It connects again whenever the connection is
 * lost, and at first start too. Subtasks that run go on meanwhile; their results are offered on the next connection.
 */
public final class Worker {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final int CONNECT_TIMEOUT_MS = 5_000;
    // A server that was started anew waits some two seconds for the workers that it had.
    private static final long FIRST_RETRY_MS = 100;
    private static final long LONGEST_RETRY_MS = 1_000;
    /** How long a worker in doubt waits for what runs. */
    public static final long DOUBT_GRACE_MS = 10_000;

    private final Config config;
    private final @Nullable Integer lastExitCode;
    private final long serverSilenceMs;
    private final Workshop workshop;
    private final Object lock = new Object();
    private final CountDownLatch doubted = new CountDownLatch(1);
    /** Set once, under lock. */
    private volatile @Nullable String doubt;
    // Guarded by lock.
    private boolean draining;
    private @Nullable WorkSession session;

    /**
     * @param servers that have the same tasks: it works for the first that is there
     * @param name for people: logs, errors
     * @param slots subtasks that run at once
     * @param credit subtasks that it will hold unanswered, at least {@code slots}; more keeps slots busy while messages travel
     */
    public record Config(List<InetSocketAddress> servers, String name, int slots, int credit, TaskTypes types) {
        public Config(InetSocketAddress server, String name, int slots, int credit, TaskTypes types) {
            this(List.of(server), name, slots, credit, types);
        }
    }

    public Worker(Config config) {
        this(config, null);
    }

    /**
     * @param lastExitCode what the process that had this name before ended with, as whatever started this one knows; null if
     *     that is not known. The server is told, and says so where it says what a worker died of
     */
    public Worker(Config config, @Nullable Integer lastExitCode) {
        this(config, lastExitCode, ProtocolLimits.SERVER_SILENCE_MS);
    }

    /**
     * @param serverSilenceMs after how long without a byte from a server that sends heartbeats the connection is given up;
     *     usually {@link ProtocolLimits#SERVER_SILENCE_MS}
     */
    public Worker(Config config, @Nullable Integer lastExitCode, long serverSilenceMs) {
        this.config = config;
        this.lastExitCode = lastExitCode;
        this.serverSilenceMs = serverSilenceMs;
        this.workshop = new Workshop(config.slots(), this::doubt);
    }

    /**
     * Works until {@link #drain}, until the server says that it is not needed any more, or until this process is in doubt:
     * then {@link #doubt()} says why.
     */
    public void run() throws InterruptedException {
        // Made before they are needed: then there may be no memory for them.
        Thread drainer = daemon("divvy-doubt-drain", this::drainInDoubt);
        Thread breaker = daemon("divvy-doubt", () -> breakOffAfter(drainer));
        workshop.open();
        try {
            connectAgainAndAgain();
        } finally {
            workshop.close();
            // A program may run workers one after the other.
            drainer.interrupt();
            breaker.interrupt();
        }
    }

    /** What it does now. */
    public Activity activity() {
        return workshop.activity();
    }

    /**
     * Why this process should be ended and started anew, as nobody can say what works in it and what does not; null if there
     * is no reason. The worker leaves by itself then: it has said what failed, gives back what is not started, and finishes
     * what is, for {@link #DOUBT_GRACE_MS} at most.
     */
    public @Nullable String doubt() {
        return doubt;
    }

    /** Waits until there is a {@link #doubt()}. */
    public void awaitDoubt() throws InterruptedException {
        doubted.await();
    }

    private void doubt(String why) {
        synchronized (lock) {
            if (doubt != null) {
                return;
            }
            doubt = why;
            draining = true;
            lock.notifyAll();
        }
        doubted.countDown();
    }

    private static Thread daemon(String name, Runnable code) {
        Thread thread = new Thread(code, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Ends with the worker, which interrupts it. */
    private void drainInDoubt() {
        try {
            doubted.await();
            LOG.error(
                    "worker {}: {}; it leaves, and gives back what it has not started",
                    config.name(),
                    Objects.requireNonNull(doubt, "a reason"));
            drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whatever becomes of the drain, its server sees in the end that this worker is gone. Ends with the worker, too. */
    private void breakOffAfter(Thread drainer) {
        try {
            doubted.await();
            drainer.join(DOUBT_GRACE_MS);
            workshop.breakOff("this worker is in doubt");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void connectAgainAndAgain() throws InterruptedException {
        Integer untold = lastExitCode;
        long retryMs = FIRST_RETRY_MS;
        Servers servers = new Servers(config.servers());
        String lastSaid = "";
        while (!isDraining()) {
            String problem;
            try {
                FrameSocket socket = servers.connect(CONNECT_TIMEOUT_MS);
                WorkSession current = new WorkSession(socket, hello(untold), config.types(), workshop, serverSilenceMs);
                if (!begin(current)) {
                    socket.close();
                    return;
                }
                String reason = run(current);
                if (isDraining() || current.isDismissed()) {
                    return;
                }
                if (current.wasWelcomed()) {
                    retryMs = FIRST_RETRY_MS;
                    lastSaid = "";
                    untold = null;
                    problem = "the connection ended: " + reason + "; connecting again";
                } else {
                    servers.next();
                    problem = "it was not welcomed: " + reason + "; trying until it is";
                }
            } catch (IOException e) {
                problem = "no server at " + servers + " yet (" + e.getMessage() + "); trying until there is one";
            }
            // What stays as it is was said: it may be tried for days.
            if (!problem.equals(lastSaid)) {
                LOG.warn("worker {}: {}", config.name(), problem);
                lastSaid = problem;
            }
            waitBeforeRetry(retryMs);
            retryMs = Math.min(LONGEST_RETRY_MS, 2 * retryMs);
        }
    }

    private Hello.Worker hello(@Nullable Integer untold) {
        Hello.Worker.Draft hello = new Hello.Worker.Draft(config.slots(), config.credit());
        hello.name = config.name();
        hello.taskTypes = config.types().names();
        hello.derives = config.types().names();
        hello.acks = true;
        hello.lastExitCode = untold;
        hello.instance = workshop.instance();
        return hello.finish();
    }

    /**
     * Finishes the subtasks that run, gives back the others, and lets {@link #run} return. Waits for that, unless there is no
     * connection: there is nobody then to whom the results could be said.
     */
    public void drain() {
        WorkSession current;
        synchronized (lock) {
            draining = true;
            current = session;
            lock.notifyAll();
        }
        if (current != null) {
            current.drain();
        }
    }

    /**
     * The thread that reads must not end while there is a worker: nobody would hear the server any more. The guard, which is
     * for foreign code, would end an interrupt of it, and so keep a worker alive that its program wants to end.
     */
    private String run(WorkSession current) {
        try {
            return current.run();
        } catch (Throwable e) {
            Failure failure = Failure.of(e);
            workshop.doubtAfter(failure);
            return "what the server sent could not be acted on: " + failure;
        }
    }

    private boolean begin(WorkSession current) {
        synchronized (lock) {
            session = current;
            return !draining;
        }
    }

    private boolean isDraining() {
        synchronized (lock) {
            return draining;
        }
    }

    /** Up to a quarter less than that, at random: workers that lost their server together do not all come at once. */
    private void waitBeforeRetry(long retryMs) throws InterruptedException {
        long waitMs = retryMs - ThreadLocalRandom.current().nextLong(retryMs / 4);
        long deadlineNanos = System.nanoTime() + waitMs * 1_000_000;
        synchronized (lock) {
            while (!draining) {
                long leftMs = (deadlineNanos - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    return;
                }
                lock.wait(leftMs);
            }
        }
    }
}
