package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.HdrHistogram.Histogram;

/** Tasks of one quick subtask over HTTP, each request answered with its end; beside a handler that answers a constant. */
final class HttpTasks implements Shape {
    private static final int CLIENTS = 32;
    static final int REQUESTS = 20_000;
    /** The compiler takes that long for all that a request goes through; before, it takes a third of the processors. */
    static final int WARM_UP_REQUESTS = 100_000;

    private static final String TASK =
            "{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":10},\"subtasks\":1}";

    @Override
    public String name() {
        return "http";
    }

    @Override
    public String description() {
        return "POST /tasks?wait=10 with one quick subtask, 32 clients that keep their connections; beside a bare Javalin"
                + " handler that answers a constant";
    }

    @Override
    public Measurement measure(Bench bench, ServerUnderTest server) throws Exception {
        URI http = server.requireHttp();
        InetSocketAddress address = new InetSocketAddress(http.getHost(), http.getPort());
        int count = bench.scaled(REQUESTS);
        try (Bench.Started constant = bench.launcher().reference(Reference.CONSTANT);
                Crew crew = new Crew()) {
            joinWorker(crew, server);
            post(constant.address(), bench.scaled(WARM_UP_REQUESTS), new Histogram(3));
            post(address, bench.scaled(WARM_UP_REQUESTS), new Histogram(3));
            if (!bench.isQuick()) {
                Compilers.warmUp(server.probe(), () -> post(address, count, new Histogram(3)));
            }
            int rounds = bench.rounds();
            double[] speeds = new double[rounds];
            double[] references = new double[rounds];
            double[] ratios = new double[rounds];
            Histogram latencyNanos = new Histogram(3);
            ServerUse use = new ServerUse(server.probe());
            for (int round = 0; round < rounds; round++) {
                references[round] = post(constant.address(), count, new Histogram(3));
                use.begin();
                speeds[round] = post(address, count, latencyNanos);
                use.end(count);
                ratios[round] = speeds[round] / references[round];
            }
            return Measurement.of(name(), Rounds.median(speeds), "tasks/s")
                    .withLatency(latencyNanos)
                    .withServerUse(use.median())
                    .withComparisons(Comparison.paired(
                            "a bare Javalin handler",
                            Rounds.median(references),
                            Rounds.median(ratios),
                            Target.atLeast(0.3)));
        }
    }

    /** One that does not keep anybody waiting. */
    static void joinWorker(Crew crew, ServerUnderTest server) throws IOException {
        RawWorker.join(crew, server.address(), 1, RawWorker.Terms.of(CLIENTS));
    }

    /** Returns requests per second. */
    static double post(InetSocketAddress server, int count, Histogram latencyNanos) throws Exception {
        byte[] request =
                ("POST /tasks?wait=10 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                                + TASK.length() + "\r\n\r\n" + TASK)
                        .getBytes(StandardCharsets.ISO_8859_1);
        CountDownLatch done = new CountDownLatch(CLIENTS);
        long startNanos = System.nanoTime();
        try (Crew crew = new Crew()) {
            for (int client = 0; client < CLIENTS; client++) {
                RawConnection connection = crew.connect(server);
                crew.start("http-" + client, () -> {
                    try {
                        Histogram nanos = post(connection, request, count / CLIENTS);
                        synchronized (latencyNanos) {
                            latencyNanos.add(nanos);
                        }
                    } finally {
                        done.countDown();
                    }
                });
            }
            done.await();
            return count / CLIENTS * CLIENTS / Rounds.seconds(startNanos);
        }
    }

    private static Histogram post(RawConnection connection, byte[] request, int count) throws IOException {
        Histogram nanos = new Histogram(3);
        for (int i = 0; i < count; i++) {
            long sentNanos = System.nanoTime();
            connection.out().write(request);
            connection.out().flush();
            String answer = answer(connection);
            if (!answer.contains("\"completed\"")) {
                throw new IOException("expected a task that is completed, got " + answer);
            }
            nanos.recordValue(System.nanoTime() - sentNanos);
            DivvyTask.requireSquaresOfTen(answer);
        }
        return nanos;
    }

    private static String answer(RawConnection connection) throws IOException {
        String status = connection.readLine();
        if (!status.startsWith("HTTP/1.1 2")) {
            throw new IOException("expected a success, got " + status);
        }
        int length = -1;
        for (String header = connection.readLine(); !header.isEmpty(); header = connection.readLine()) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(
                        header.substring("content-length:".length()).strip());
            }
        }
        if (length < 0) {
            throw new IOException("expected an answer with a Content-Length");
        }
        return connection.readText(length);
    }
}
