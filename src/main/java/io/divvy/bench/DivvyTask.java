package io.divvy.bench;

import io.divvy.bench.RawWorker.Answering;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Divvy with a task that the server splits: each subtask has its own payload and its own result; the sum comes back. */
final class DivvyTask implements Contender {
    private final ServerUnderTest server;
    private final Answering answering;

    DivvyTask(ServerUnderTest server, Answering answering) {
        this.server = server;
        this.answering = answering;
    }

    @Override
    public String name() {
        return "divvy";
    }

    @Override
    public long run(int subtasks, int workers, int window, Histogram waitsNanos) throws Exception {
        try (Crew crew = new Crew()) {
            RawWorker.join(
                    crew,
                    server.address(),
                    workers,
                    new RawWorker.Terms(window, "sum_of_squares", answering, waitsNanos));
            RawConnection sender = crew.connect(server.address());
            sender.sendFrame("{\"type\":\"task_sender\",\"protocol\":2}");
            sender.sendFrame("{\"type\":\"submit\",\"request\":1,\"task\":{\"type\":\"sum_of_squares\",\"params\":"
                    + "{\"start\":0,\"end\":" + (SquareRange.start(subtasks) - 1) + "},\"subtasks\":" + subtasks
                    + "}}");
            return result(awaitEnd(sender)).longValue();
        }
    }

    /** The answer of a task, a whole number that may have more than 64 bits. */
    static BigInteger result(String completed) {
        int digits = completed.indexOf("\"result\":") + "\"result\":".length();
        return new BigInteger(completed.substring(digits, completed.indexOf('}', digits)));
    }

    /** The sum of the squares of 1 to 10 is the answer. */
    static void requireSquaresOfTen(String completed) throws IOException {
        if (!completed.contains("\"result\":385,") && !completed.contains("\"result\":385}")) {
            throw new IOException("expected the result 385, got " + completed);
        }
    }

    /** Reads until a task is completed. */
    static String awaitEnd(RawConnection sender) throws IOException {
        while (true) {
            String message = sender.readFrame();
            if (WireText.isOfType(message, "completed")) {
                return message;
            }
            if (!WireText.isOfType(message, "welcome") && !WireText.isOfType(message, "accepted")) {
                throw new IOException("expected a task to be completed, got " + message);
            }
        }
    }

    @Override
    public @Nullable Duration processorTime() {
        return server.probe() == null ? null : server.probe().processorTime();
    }
}
