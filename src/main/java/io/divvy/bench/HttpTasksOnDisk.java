package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
import java.net.InetSocketAddress;
import java.net.URI;
import org.HdrHistogram.Histogram;

/** The tasks of {@link HttpTasks} on a server that makes each of them durable before it says so. */
final class HttpTasksOnDisk implements Shape {
    @Override
    public String name() {
        return "http-on-disk";
    }

    @Override
    public String description() {
        return "the same, each task and its end durable before it is told; the target holds where a sync of the disk takes"
                + " 1 ms at most";
    }

    @Override
    public Measurement measure(Bench bench, ServerUnderTest server) throws Exception {
        int count = bench.scaled(HttpTasks.REQUESTS);
        try (Bench.Started disk = bench.launcher().server("1g", Bench.Keeping.ON_DISK);
                ServerProbe probe = ServerProbe.attach(disk.pid());
                Crew crew = new Crew()) {
            ServerUnderTest onDisk = new ServerUnderTest(disk.address(), disk.http(), probe);
            ServerUse use = new ServerUse(probe);
            HttpTasks.joinWorker(crew, onDisk);
            URI http = onDisk.requireHttp();
            InetSocketAddress address = new InetSocketAddress(http.getHost(), http.getPort());
            HttpTasks.post(address, bench.scaled(HttpTasks.WARM_UP_REQUESTS), new Histogram(3));
            if (!bench.isQuick()) {
                Compilers.warmUp(probe, () -> HttpTasks.post(address, count, new Histogram(3)));
            }
            Histogram latencyNanos = new Histogram(3);
            double[] speeds = new double[bench.rounds()];
            for (int round = 0; round < speeds.length; round++) {
                use.begin();
                speeds[round] = HttpTasks.post(address, count, latencyNanos);
                use.end(count);
            }
            double speed = Rounds.median(speeds);
            return Measurement.of(name(), speed, "tasks/s")
                    .withLatency(latencyNanos)
                    .withServerUse(use.median())
                    .withComparisons(
                            Comparison.figure("tasks/s", speed, Target.atLeast(3_000)),
                            new Comparison("a sync of the disk, ms", Double.NaN, DiskSync.medianMs(), null));
        }
    }
}
