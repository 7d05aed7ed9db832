package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Jobs of one subtask, each on disk before it is acknowledged and before its end is told. */
final class DurableQueue implements Shape {
    private static final int WORKERS = 2;
    private static final List<Integer> IN_FLIGHT = List.of(64, 1_024);
    /** A task goes through ten times the code that a subtask does: the compiler takes that long for all of it. */
    private static final int WARM_UP_TASKS = 200_000;

    private static final int WARM_UP_ROUND = 40_000;

    private static final Map<String, Target> TARGETS =
            Map.of("redis", Target.atLeast(0.6), "beanstalkd", Target.atLeast(3));

    @Override
    public String name() {
        return "durable-queue";
    }

    @Override
    public String description() {
        return "tasks of one subtask over TCP, each on disk before it is accepted and before its end is told, 2 workers, "
                + IN_FLIGHT.get(0) + " and " + IN_FLIGHT.get(1) + " in flight; beside queues that sync each job";
    }

    /** One queue with so many jobs in flight. */
    private static final class Loaded {
        private final JobQueue queue;
        private final Loading loading;
        private final int jobs;
        private final Histogram waitsNanos = new Histogram(3);
        private final double[] speeds;
        private final double[] flushes;

        private Loaded(Bench bench, JobQueue queue, int inFlight) throws Exception {
            this.queue = queue;
            this.loading = new Loading(
                    "durable-queue: " + queue.name(), jobs -> queue.runJobs(jobs, WORKERS, inFlight, waitsNanos));
            this.jobs = loading.warmUp(bench.isQuick());
            this.speeds = new double[bench.rounds()];
            this.flushes = new double[bench.rounds()];
            waitsNanos.reset();
        }

        private void run(int round) throws Exception {
            double before = DiskFlushes.count();
            speeds[round] = loading.speed(jobs);
            flushes[round] = (DiskFlushes.count() - before) / jobs;
        }
    }

    @Override
    public Measurement measure(Bench bench, ServerUnderTest server) throws Exception {
        try (Bench.Started disk = bench.launcher().server("1g", Bench.Keeping.ON_DISK);
                ServerProbe probe = ServerProbe.attach(disk.pid())) {
            List<JobQueue> queues = new ArrayList<>();
            JobQueue divvy = new DivvyJobs(new ServerUnderTest(disk.address(), null, probe));
            divvy.runJobs(bench.scaled(WARM_UP_TASKS), WORKERS, 1_024, new Histogram(3));
            if (!bench.isQuick()) {
                Compilers.warmUp(probe, () -> divvy.runJobs(WARM_UP_ROUND, WORKERS, 1_024, new Histogram(3)));
            }
            queues.add(divvy);
            queues.addAll(bench.peersOnDisk());
            List<Comparison> comparisons = new ArrayList<>();
            List<Series> all = new ArrayList<>();
            for (int inFlight : IN_FLIGHT) {
                Series series = measure(bench, queues, probe, inFlight);
                all.add(series);
                compare(comparisons, series.loaded, inFlight);
            }
            comparisons.add(new Comparison("a sync of the disk, ms", Double.NaN, DiskSync.medianMs(), null));
            Series shown = all.get(0);
            Loaded own = shown.loaded.get(0);
            return Measurement.of(name(), Rounds.median(own.speeds), "tasks/s")
                    .withLatency(own.waitsNanos)
                    .withServerUse(shown.ownUse.median())
                    .withComparisons(comparisons);
        }
    }

    /** All queues with as many jobs in flight, Divvy first. */
    private record Series(List<Loaded> loaded, ServerUse ownUse) {}

    private static Series measure(Bench bench, List<JobQueue> queues, ServerProbe probe, int inFlight)
            throws Exception {
        List<Loaded> loaded = new ArrayList<>();
        for (JobQueue queue : queues) {
            loaded.add(new Loaded(bench, queue, inFlight));
        }
        ServerUse use = new ServerUse(probe);
        Loaded own = loaded.get(0);
        for (int round = 0; round < bench.rounds(); round++) {
            use.begin();
            own.run(round);
            use.end(own.jobs);
            for (Loaded peer : loaded.subList(1, loaded.size())) {
                peer.run(round);
            }
        }
        return new Series(loaded, use);
    }

    private static void compare(List<Comparison> comparisons, List<Loaded> all, int inFlight) {
        String with = " with " + inFlight + " in flight";
        Loaded own = all.get(0);
        comparisons.add(Comparison.figure("tasks/s" + with, Rounds.median(own.speeds), null));
        for (Loaded peer : all.subList(1, all.size())) {
            @Nullable Target target = TARGETS.get(peer.queue.name());
            comparisons.add(Comparison.ofRounds(peer.queue.name() + with, own.speeds, peer.speeds, target));
        }
        for (Loaded each : all) {
            comparisons.add(Comparison.figure(
                    "disk flushes a task, " + each.queue.name() + with, Rounds.median(each.flushes), null));
        }
    }
}
