package io.divvy.bench;

import io.divvy.bench.RawWorker.Answering;
import java.io.IOException;
import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Divvy as the peers are: every payload comes from the sender, and every result goes back to it. */
final class DivvyPayloads implements Contender {
    private static final String TYPE = "bench_squares";
    /** Payloads of one task: its results fit into one frame. */
    private static final int MOST_OF_A_TASK = 100_000;

    private final ServerUnderTest server;

    DivvyPayloads(ServerUnderTest server) {
        this.server = server;
    }

    @Override
    public String name() {
        return "divvy";
    }

    @Override
    public long run(int subtasks, int workers, int window, Histogram waitsNanos) throws Exception {
        try (Crew crew = new Crew()) {
            RawWorker.join(
                    crew, server.address(), workers, new RawWorker.Terms(window, TYPE, Answering.BATCHED, waitsNanos));
            RawConnection sender = crew.connect(server.address());
            sender.sendFrame("{\"type\":\"task_sender\",\"protocol\":2}");
            crew.start("sender", () -> submitAll(sender, subtasks));
            long sum = 0;
            for (int left = subtasks; left > 0; left -= MOST_OF_A_TASK) {
                WireText.Numbers results = WireText.results(DivvyTask.awaitEnd(sender));
                while (results.next()) {
                    sum += results.value();
                }
            }
            return sum;
        }
    }

    private static void submitAll(RawConnection sender, int subtasks) throws IOException {
        for (int from = 0; from < subtasks; from += MOST_OF_A_TASK) {
            StringBuilder submit = new StringBuilder(
                    "{\"type\":\"submit\",\"task\":{\"type\":\"" + TYPE + "\",\"combine\":\"collect\",\"payloads\":[");
            int to = Math.min(subtasks, from + MOST_OF_A_TASK);
            for (int index = from; index < to; index++) {
                submit.append(index == from ? "" : ",").append(SquareRange.start(index));
            }
            sender.sendFrame(submit.append("]}}").toString());
        }
    }

    @Override
    public @Nullable Duration processorTime() {
        return server.probe() == null ? null : server.probe().processorTime();
    }
}
