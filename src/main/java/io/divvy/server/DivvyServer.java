package io.divvy.server;

import io.divvy.net.Clock;
import io.divvy.net.EventLoop;
import io.divvy.net.NetLimits;
import io.divvy.protocol.HttpApi;
import io.divvy.recording.Recorder;
import io.divvy.recording.RecordingFile;
import io.divvy.recording.RecordingHeader;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.RetryPolicy;
import io.divvy.store.TaskStore;
import io.divvy.task.TaskTypes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server: the event loop with its TCP port, the scheduler on it, and the gateway for other threads. */
public final class DivvyServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DivvyServer.class);

    /** How long the end of the server waits until what is recorded is written. */
    private static final long RECORDING_MS = 2_000;
    /** The same of a server that broke, which the watchdog ends soon. */
    private static final long LAST_RECORDING_MS = 300;

    private final EventLoop loop;
    private final @Nullable Recorder recorder;
    private final Engine engine;
    private final Thread thread;
    private final TaskStore store;
    private final TypeLanes lanes;
    private final StoreHealth storeHealth;
    private final Recovery recovery;
    private final Gateway gateway;
    private final InetSocketAddress address;
    private final FatalEnd fatalEnd;
    private final Watchdog watchdog;
    private final AtomicBoolean started = new AtomicBoolean();

    /**
     * How a server is to be. Made by {@link #on}, by name.
     *
     * @param seed of the jitter of retries
     * @param name what the server calls itself to its peers, with its version
     * @param recording where to write what the scheduler is told and what it says, or null; the server closes it
     */
    public record Config(
            InetSocketAddress address,
            Clock clock,
            NetLimits netLimits,
            Limits schedulerLimits,
            RetryPolicy retryPolicy,
            ServerLimits serverLimits,
            long seed,
            String name,
            @Nullable RecordingFile recording) {

        private Engine.Settings ofEngine() {
            return new Engine.Settings(schedulerLimits, retryPolicy, serverLimits, seed, name);
        }

        /** A server on that address with the machine's clock and the usual limits, unless it says otherwise. */
        public static Builder on(InetSocketAddress address, String name) {
            return new Builder(address, name);
        }

        /** How a server is to be, by name. */
        public static final class Builder {
            private final InetSocketAddress address;
            private final String name;
            private Clock clock = Clock.system();
            private NetLimits netLimits = NetLimits.DEFAULT;
            private Limits schedulerLimits = Limits.DEFAULT;
            private RetryPolicy retryPolicy = RetryPolicy.DEFAULT;
            private ServerLimits serverLimits = ServerLimits.DEFAULT;
            private long seed = 1;
            private @Nullable RecordingFile recording;

            private Builder(InetSocketAddress address, String name) {
                this.address = address;
                this.name = name;
            }

            public Builder clock(Clock other) {
                this.clock = other;
                return this;
            }

            public Builder limits(NetLimits other) {
                this.netLimits = other;
                return this;
            }

            public Builder limits(Limits other) {
                this.schedulerLimits = other;
                return this;
            }

            public Builder limits(ServerLimits other) {
                this.serverLimits = other;
                return this;
            }

            public Builder retryPolicy(RetryPolicy other) {
                this.retryPolicy = other;
                return this;
            }

            /** The same every time if it is not given. */
            public Builder seed(long other) {
                this.seed = other;
                return this;
            }

            /** @param file or null, to record nothing */
            public Builder recording(@Nullable RecordingFile file) {
                this.recording = file;
                return this;
            }

            public Config build() {
                return new Config(
                        address, clock, netLimits, schedulerLimits, retryPolicy, serverLimits, seed, name, recording);
            }
        }
    }

    private DivvyServer(Config config, TypeLanes lanes, TaskStore store, Recovery recovery, FatalEnd fatalEnd)
            throws IOException {
        this.store = store;
        this.fatalEnd = fatalEnd;
        this.lanes = lanes;
        this.loop = new EventLoop(config.clock(), config.netLimits());
        this.recorder = recorder(config, loop, store.isDurable());
        this.engine = new Engine(
                config.ofEngine(), lanes, store, new Engine.Surroundings(loop, new TaskIds(loop::nowMs), recorder));
        engine.start(this::breakDown);
        this.recovery = recovery;
        TaskDesk desk = engine.desk;
        TaskList list = new TaskList(
                engine.driver, store, desk.views(), config.serverLimits().pageResultBytes(), desk::work);
        this.storeHealth = new StoreHealth(engine.driver, loop::stop);
        this.gateway = new Gateway(
                loop,
                new Desks(desk, list, new WorkerDesk(engine.driver, engine.doors, lanes.paramsSchemas())),
                new Readiness(recovery, storeHealth, lanes),
                engine.submissionRoom,
                this::gauges);
        try {
            this.address = loop.listen(config.address());
        } catch (IOException e) {
            loop.close();
            throw e;
        }
        lanes.start(loop);
        this.thread = new Thread(this::run, "divvy-loop");
        this.watchdog = new Watchdog(thread, loop, store, fatalEnd);
    }

    private static @Nullable Recorder recorder(Config config, EventLoop loop, boolean savesProgress) {
        RecordingFile file = config.recording();
        return file == null
                ? null
                : Recorder.into(
                        file,
                        RecordingHeader.of(config.name(), loop.nowMs())
                                .savesProgress(savesProgress)
                                .seed(config.seed())
                                .limits(config.schedulerLimits())
                                .retryPolicy(config.retryPolicy())
                                .build());
    }

    /**
     * Makes a server that has its port. Nothing that comes there is read, and the gateway waits, until {@link #start()}. All
     * unfinished tasks of the store are read before.
     *
     * @param fatalEnd what is done once the server cannot go on; within two seconds after that
     * @throws io.divvy.store.StoreOpenException if the unfinished tasks of the store cannot be read
     * @throws StrandedTasksException if some of them cannot go on and are not to fail for it
     */
    public static DivvyServer bind(
            Config config, TaskTypes types, TaskStore store, OnStranded onStranded, FatalEnd fatalEnd)
            throws IOException {
        TypeLanes lanes = new TypeLanes(types, config.serverLimits().types());
        try {
            // Before there is a port, so that nobody comes to a server that will not be.
            Recovery recovery = Recovery.prepare(store, types, lanes, onStranded);
            return new DivvyServer(config, lanes, store, recovery, fatalEnd);
        } catch (IOException | RuntimeException | Error e) {
            lanes.close();
            throw e;
        }
    }

    /** The same; it does not start if some tasks cannot go on, and stops when it cannot go on itself. */
    public static DivvyServer bind(Config config, TaskTypes types, TaskStore store) throws IOException {
        return bind(config, types, store, OnStranded.REFUSE_TO_START, FatalEnd.STOP_ONLY);
    }

    /** Makes a server that has its port, and starts it. */
    public static DivvyServer start(Config config, TaskTypes types, TaskStore store) throws IOException {
        DivvyServer server = bind(config, types, store);
        server.start();
        return server;
    }

    /** Tells whoever connects from now on where the HTTP API is. */
    public void tellOf(HttpApi api) {
        engine.introduction.tellOf(api);
    }

    /** Starts to take connections. Does nothing if that was done before, or the server was closed. */
    public void start() {
        if (started.compareAndSet(false, true)) {
            thread.start();
            watchdog.start();
        }
    }

    private void run() {
        try {
            store.start(loop::execute, storeHealth);
            recovery.handOver(engine.driver, engine.desk);
            loop.run(engine.sessions, new DrivenAndSwept());
            endIfStoreIsBroken();
            watchdog.over();
        } catch (IOException | RuntimeException | Error e) {
            endBecause(FatalEnd.Reason.LOOP_BROKE, e);
        } finally {
            closeLoop(); // It may never have run.
            endRecording("the server stopped", RECORDING_MS);
            lanes.close();
            store.close();
        }
    }

    /** Its listener stops the loop, as if it were lost to another server. */
    private void endIfStoreIsBroken() {
        if (store.isBeyondRepair()) {
            fatalEnd.end(FatalEnd.Reason.STORE_BROKE, null);
        }
    }

    /** The server cannot go on. On the loop's thread. */
    private void endBecause(FatalEnd.Reason why, Throwable cause) {
        watchdog.broke(why, cause); // First: whatever follows may fail, or hang.
        endRecording(why.text(), LAST_RECORDING_MS);
        try {
            LOG.error("{}; the server cannot go on", why.text(), cause);
        } catch (RuntimeException | Error e) {
            // What follows needs nothing of what is lacking.
        }
        fatalEnd.end(why, cause);
    }

    /** On the loop, which goes no further. */
    private void breakDown(FatalEnd.Reason why, Throwable cause) {
        endBecause(why, cause);
        loop.stop();
    }

    /** @param withinMs how long that waits for the disk, at most */
    private void endRecording(String why, long withinMs) {
        if (recorder != null) {
            recorder.close(why, withinMs);
        }
    }

    private void closeLoop() {
        try {
            loop.close();
        } catch (IOException e) {
            LOG.warn("closing the TCP port: {}", e.getMessage());
        }
    }

    private ServerGauges gauges() {
        return new ServerGauges(
                loop.gauges(),
                engine.doors.count(),
                engine.desk.gauges(),
                new MemoryGauges(
                        CoreGauges.of(engine.driver.scheduler()),
                        engine.submissionRoom.taken(),
                        engine.answers.bytes(),
                        engine.doors.declaredTypes().bytes()));
    }

    /** What the loop does once a turn: the deadlines of the core, and some of the sweeping of the store. */
    private final class DrivenAndSwept implements EventLoop.Periodic {
        @Override
        public void tick(long nowMs) {
            engine.driver.tick(nowMs);
            if (store.nextSweepMs() <= nowMs) {
                store.sweep(nowMs);
            }
        }

        @Override
        public void lost(long ms) {
            engine.lost(ms);
        }

        @Override
        public long nextDeadlineMs() {
            return Math.min(engine.driver.nextDeadlineMs(), store.nextSweepMs());
        }

        /** Not while the store fails: then whoever submits is to hear of that. */
        @Override
        public boolean isBehind() {
            return lanes.isBehind() || engine.persistence.isBehind() && storeHealth.failure() == null;
        }
    }

    /** Where it listens, with the port that it got. */
    public InetSocketAddress address() {
        return address;
    }

    /** Whether it was started and can never go on, so that only a new process helps. From any thread. */
    public boolean isBroken() {
        return watchdog.isBroken() || store.isBeyondRepair();
    }

    public Gateway gateway() {
        return gateway;
    }

    /** Waits until a server that was started has stopped, by {@link #close} or because it broke. */
    public void awaitStop() throws InterruptedException {
        thread.join();
    }

    /** Makes the loop look at its clock; for a clock that is turned by hand. */
    public void wake() {
        loop.wake();
    }

    /**
     * Stops: accepts no more, tells workers that they may come back, writes what waits to be written, closes all
     * connections. Waits until that is done.
     */
    @Override
    public void close() {
        loop.execute(engine.doors::sayGoodbye);
        loop.stop();
        start(); // One that was never started has a port and a store to let go of, too.
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
