package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
import io.divvy.bench.RawWorker.Answering;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Many workers that are connected and have nothing to do: what each takes, and what that costs those that work. */
final class IdleWorkers implements Shape {
    private static final int IDLE = 10_000;
    private static final int BUSY = 10;
    private static final int WINDOW = 64;
    private static final int SUBTASKS = 500_000;
    private static final long HEARTBEAT_NANOS = TimeUnit.SECONDS.toNanos(5);

    @Override
    public String name() {
        return "idle-workers";
    }

    @Override
    public String description() {
        return "10,000 workers that are connected and idle, and send their heartbeats, while ten others work";
    }

    @Override
    public Measurement measure(Bench bench, ServerUnderTest server) throws Exception {
        ServerProbe probe = server.requireProbe();
        int subtasks = bench.scaled(SUBTASKS);
        int idle = bench.scaled(IDLE);
        run(server, subtasks, bench.rounds());
        double before = run(server, subtasks, bench.rounds());
        long heapBefore = probe.liveHeapBytes();
        double during;
        ServerUse use = new ServerUse(probe);
        double bytesEach;
        Heartbeats heartbeats = new Heartbeats();
        try {
            heartbeats.connect(server.address(), idle);
            bytesEach = (double) (probe.liveHeapBytes() - heapBefore) / idle;
            heartbeats.start();
            use.begin();
            during = run(server, subtasks, bench.rounds());
            use.end((long) subtasks * bench.rounds());
        } finally {
            heartbeats.close();
        }
        double after = run(server, subtasks, bench.rounds());
        double without = (before + after) / 2;
        return Measurement.of(name(), during, "subtasks/s")
                .withServerUse(use.median())
                .withComparisons(
                        Comparison.figure("server heap of an idle worker, bytes", bytesEach, Target.atMost(10_240)),
                        Comparison.ratio("ten busy workers without them", during, without, Target.atLeast(0.95)));
    }

    /** Subtasks per second, the median of some rounds. */
    private static double run(ServerUnderTest server, int subtasks, int rounds) throws Exception {
        DivvyTask divvy = new DivvyTask(server, Answering.BATCHED);
        double[] speeds = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            long startNanos = System.nanoTime();
            long sum = divvy.run(subtasks, BUSY, WINDOW, new Histogram(3));
            speeds[round] = subtasks / Rounds.seconds(startNanos);
            if (sum != SquareRange.sumOfAll(subtasks)) {
                throw new IOException("the sum is wrong: " + sum);
            }
        }
        return Rounds.median(speeds);
    }

    /** The connections, without a thread or a buffer each; one thread says that they are alive, evenly over time. */
    private static final class Heartbeats {
        private final List<Socket> sockets = new ArrayList<>();
        private final byte[] heartbeat = frame("{\"type\":\"heartbeat\"}");
        private final Thread thread = new Thread(this::run, "bench-heartbeats");
        private volatile boolean closing;
        private volatile @Nullable IOException failure;

        void connect(InetSocketAddress server, int count) throws IOException {
            byte[] hello = frame("{\"type\":\"worker\",\"protocol\":2,\"task_types\":[\"bench_nothing\"]}");
            for (int i = 0; i < count; i++) {
                Socket socket = new Socket(server.getHostString(), server.getPort());
                sockets.add(socket);
                socket.getOutputStream().write(hello);
            }
            for (Socket socket : sockets) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                WireText.expect(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8), "welcome");
            }
        }

        void start() {
            thread.setDaemon(true);
            thread.start();
        }

        private void run() {
            long pauseNanos = HEARTBEAT_NANOS / sockets.size();
            long dueNanos = System.nanoTime();
            try {
                while (true) {
                    for (Socket socket : sockets) {
                        long leftNanos = dueNanos - System.nanoTime();
                        // A sleep is never shorter than some 50 µs: those that are due by then go out together.
                        if (leftNanos > 0) {
                            TimeUnit.NANOSECONDS.sleep(leftNanos + TimeUnit.MILLISECONDS.toNanos(5));
                        }
                        socket.getOutputStream().write(heartbeat);
                        dueNanos += pauseNanos;
                    }
                }
            } catch (IOException e) {
                if (!closing) {
                    failure = e;
                }
            } catch (InterruptedException e) {
                // Told to end.
            }
        }

        void close() throws IOException, InterruptedException {
            closing = true;
            thread.interrupt();
            thread.join();
            for (Socket socket : sockets) {
                socket.close();
            }
            if (failure != null) {
                throw new IOException("an idle worker was disconnected: " + failure.getMessage(), failure);
            }
        }

        private static byte[] frame(String json) {
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(Integer.BYTES + body.length)
                    .putInt(body.length)
                    .put(body)
                    .array();
        }
    }
}
