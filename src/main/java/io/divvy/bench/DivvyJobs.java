package io.divvy.bench;

import io.divvy.bench.RawWorker.Answering;
import org.HdrHistogram.Histogram;

/** Divvy with a task for each job. The sender hears that it is accepted, and its end, each once that is durable. */
final class DivvyJobs implements JobQueue {
    private final ServerUnderTest server;

    DivvyJobs(ServerUnderTest server) {
        this.server = server;
    }

    @Override
    public String name() {
        return "divvy";
    }

    @Override
    public long runJobs(int jobs, int workers, int inFlight, Histogram waitsNanos) throws Exception {
        InFlight bound = new InFlight(inFlight);
        try (Crew crew = new Crew()) {
            RawWorker.join(
                    crew,
                    server.address(),
                    workers,
                    new RawWorker.Terms(inFlight / workers, "sum_of_squares", Answering.BATCHED, waitsNanos));
            RawConnection sender = crew.connect(server.address());
            sender.sendFrame("{\"type\":\"task_sender\",\"protocol\":2}");
            crew.start("sender", () -> {
                for (int index = 0; index < jobs; index++) {
                    bound.begin(sender);
                    sender.writeFrame(submit(index));
                }
                sender.out().flush();
            });
            long sum = 0;
            for (int done = 0; done < jobs; done++) {
                sum += DivvyTask.result(DivvyTask.awaitEnd(sender)).longValue();
                bound.end();
            }
            return sum;
        }
    }

    private static String submit(int index) {
        return "{\"type\":\"submit\",\"task\":{\"type\":\"sum_of_squares\",\"params\":{\"start\":"
                + SquareRange.start(index) + ",\"end\":" + (SquareRange.start(index + 1L) - 1) + "},\"subtasks\":1}}";
    }
}
