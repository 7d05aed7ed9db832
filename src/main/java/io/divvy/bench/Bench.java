package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
import io.divvy.bench.RawWorker.Answering;
import io.divvy.net.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs shapes, each on a server of its own unless one was named, and tells a listener what they gave. */
public final class Bench {
    private static final int ROUNDS = 5;
    private static final int QUICK_ROUNDS = 1;
    /** How much less work a quick run does. */
    private static final int QUICK_SHARE = 20;
    /** A server that is idle says at once who it is. */
    private static final int WELCOME_TIMEOUT_MS = 10_000;

    /** Starts processes of this program. */
    public interface Launcher {
        /** A server that is ready, with that much heap. */
        Started server(String heap, Keeping keeping) throws IOException, InterruptedException;

        /** A shipped worker that is connected. */
        Child worker(InetSocketAddress server, String name, int slots) throws IOException, InterruptedException;

        /** One of {@link Reference}'s servers in a process of its own. */
        Started reference(Reference reference) throws IOException, InterruptedException;
    }

    /** What a shape cannot be measured without. */
    public enum Need {
        /** Where the HTTP API of the server is. */
        HTTP,
        /** The process of the server. */
        PROBE,
        /** To start a server, even beside one that was named, and to look into it. */
        OWN_SERVER
    }

    /** Where a server keeps its tasks. */
    public enum Keeping {
        IN_MEMORY,
        /** In a folder that is deleted when the server is closed. */
        ON_DISK
    }

    /** A process that ends when it is closed. */
    public interface Child extends AutoCloseable {
        @Override
        void close();
    }

    /** A server process that is ready. */
    public record Started(
            Child process,
            long pid,
            InetSocketAddress address,
            @Nullable URI http) implements Child {
        @Override
        public void close() {
            process.close();
        }
    }

    /**
     * What to measure.
     *
     * @param server to measure instead of starting one
     * @param peers to measure beside it
     * @param peersOnDisk to measure beside it where every job is on disk before it is acknowledged: Redis or beanstalkd
     */
    public record Options(boolean quick, @Nullable ServerUnderTest server, List<Peer> peers, List<Peer> peersOnDisk) {}

    /** A queue to compare with. */
    public record Peer(Kind kind, InetSocketAddress address) {
        /** Which one it is. */
        public enum Kind {
            REDIS,
            GEARMAN,
            BEANSTALK
        }

        private Contender contender() throws IOException {
            return switch (kind) {
                case REDIS -> RedisStreams.at(address);
                case GEARMAN -> Gearman.at(address);
                case BEANSTALK -> Beanstalk.at(address);
            };
        }

        private JobQueue onDisk() throws IOException {
            switch (kind) {
                case REDIS -> {
                    RedisStreams redis = RedisStreams.at(address);
                    redis.requireDurable();
                    return redis;
                }
                case BEANSTALK -> {
                    Beanstalk beanstalk = Beanstalk.at(address);
                    beanstalk.requireDurable();
                    return beanstalk;
                }
                default -> throw new IOException("it keeps nothing on disk in the way that is measured");
            }
        }
    }

    private final Options options;
    private final Launcher launcher;
    private final List<Contender> peers = new ArrayList<>();
    private final List<JobQueue> peersOnDisk = new ArrayList<>();

    public Bench(Options options, Launcher launcher) throws IOException {
        this.options = options;
        this.launcher = launcher;
        if (options.server() != null) {
            requireWelcome(options.server().address());
        }
        for (Peer peer : options.peers()) {
            peers.add(connected(peer, Peer::contender));
        }
        for (Peer peer : options.peersOnDisk()) {
            peersOnDisk.add(connected(peer, Peer::onDisk));
        }
    }

    private interface Connecting<T> {
        T connect(Peer peer) throws IOException;
    }

    private static <T> T connected(Peer peer, Connecting<T> connecting) throws IOException {
        try {
            return connecting.connect(peer);
        } catch (IOException | RuntimeException e) {
            throw new IOException(
                    peer.kind().name().toLowerCase(Locale.ROOT) + " at " + HostAndPort.text(peer.address())
                            + " does not answer as expected: " + e.getMessage(),
                    e);
        }
    }

    /** Before anything is measured: no shape can do without. */
    private static void requireWelcome(InetSocketAddress server) throws IOException {
        try (RawConnection connection = RawConnection.open(server, WELCOME_TIMEOUT_MS)) {
            connection.sendFrame("{\"type\":\"task_sender\",\"protocol\":2}");
            WireText.expect(connection.readFrame(), "welcome");
        } catch (IOException e) {
            throw new IOException(
                    "the server at " + HostAndPort.text(server) + " does not answer as expected: " + e.getMessage(), e);
        }
    }

    private static final Map<String, Set<Need>> NEEDS = Map.of(
            "http", Set.of(Need.HTTP),
            "idle-workers", Set.of(Need.PROBE),
            "huge-task", Set.of(Need.PROBE),
            "on-disk", Set.of(Need.OWN_SERVER),
            "http-on-disk", Set.of(Need.OWN_SERVER),
            "durable-queue", Set.of(Need.OWN_SERVER));

    private static final List<Shape> SHAPES = List.of(
            new Sharing(
                    "batched",
                    "2 workers, credit 64, each subtask with a payload and a result of its own; a lease is answered at once",
                    server -> new DivvyTask(server, Answering.BATCHED),
                    new Sharing.Load(2, 64),
                    new Sharing.Targets(
                            Map.of("redis", Target.atLeast(4), "gearmand", Target.atLeast(10)), Target.atMost(1.2))),
            new Sharing(
                    "single",
                    "the same, one result a message",
                    server -> new DivvyTask(server, Answering.SINGLE),
                    new Sharing.Load(2, 64),
                    Sharing.Targets.beside(Map.of("redis", Target.atLeast(2)))),
            new Sharing(
                    "window-1",
                    "2 workers, one subtask at a time: one message each way",
                    server -> new DivvyTask(server, Answering.BATCHED),
                    new Sharing.Load(2, 1),
                    Sharing.Targets.beside(Map.of("best", Target.atLeast(1.5)))),
            new Sharing(
                    "eight-workers",
                    "8 workers, window 8",
                    server -> new DivvyTask(server, Answering.BATCHED),
                    new Sharing.Load(8, 8),
                    Sharing.Targets.beside(Map.of("redis", Target.atLeast(2.5)))),
            new Sharing(
                    "payloads",
                    "2 workers, credit 64; all payloads come from the sender, all results go back to it",
                    DivvyPayloads::new,
                    new Sharing.Load(2, 64),
                    Sharing.Targets.beside(Map.of("redis", Target.atLeast(2)))),
            new Folded(),
            new Computing(),
            new OneSubtask(),
            new HttpTasks(),
            new OnDisk(),
            new HttpTasksOnDisk(),
            new DurableQueue(),
            new IdleWorkers(),
            new HugeTask(),
            new OpenTasks());

    /** Names and descriptions of all shapes, in the order in which they run. */
    public static Map<String, String> shapes() {
        return SHAPES.stream()
                .collect(Collectors.toMap(Shape::name, Shape::description, (a, b) -> a, LinkedHashMap::new));
    }

    /** What the shape of that name needs of a server that was named. */
    public static Set<Need> needs(String shape) {
        return NEEDS.getOrDefault(shape, Set.of());
    }

    public Measurement measure(String name) throws Exception {
        Shape shape = SHAPES.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no shape is called " + name));
        ServerUnderTest named = options.server();
        if (named != null) {
            return measure(shape, named);
        }
        try (Started server = launcher.server(shape.serverHeap(), Keeping.IN_MEMORY);
                ServerProbe probe = ServerProbe.attach(server.pid())) {
            return measure(shape, new ServerUnderTest(server.address(), server.http(), probe));
        }
    }

    /** Of a failed run, what one of its clients met says more than that its connection was closed then. */
    private Measurement measure(Shape shape, ServerUnderTest server) throws Exception {
        try {
            return shape.measure(this, server);
        } catch (IOException e) {
            Throwable first = e.getSuppressed().length > 0 ? e.getSuppressed()[0] : e;
            String reason = first.getMessage() == null ? first.toString() : first.getMessage();
            throw new IOException(shape.name() + ": " + reason, e);
        }
    }

    List<Contender> peers() {
        return peers;
    }

    List<JobQueue> peersOnDisk() {
        return peersOnDisk;
    }

    Launcher launcher() {
        return launcher;
    }

    boolean isQuick() {
        return options.quick();
    }

    int rounds() {
        return options.quick() ? QUICK_ROUNDS : ROUNDS;
    }

    /** That much work, or a part of it in a quick run. */
    int scaled(int count) {
        return options.quick() ? Math.max(1, count / QUICK_SHARE) : count;
    }
}
