package io.divvy.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** A worker of protocol 2 on a bare socket, for subtasks of {@link SquareRange} that come with their payloads. */
final class RawWorker implements Crew.Job {
    private static final long HEARTBEAT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final RawConnection connection;
    private final Answering answering;
    private final Histogram waitsNanos;

    /** How what arrived together is answered. */
    enum Answering {
        /** One message for each lease. */
        BATCHED,
        /** One message for each subtask. */
        SINGLE
    }

    /**
     * What one is and does.
     *
     * @param waitsNanos how long it has nothing to do, each time
     */
    record Terms(int credit, String taskType, Answering answering, Histogram waitsNanos) {
        /** Of one that nobody measures. */
        static Terms of(int credit) {
            return new Terms(credit, "sum_of_squares", Answering.BATCHED, new Histogram(3));
        }
    }

    private RawWorker(RawConnection connection, Terms terms) {
        this.connection = connection;
        this.answering = terms.answering();
        this.waitsNanos = terms.waitsNanos();
    }

    /** Connects workers and returns once the server knows them all. */
    static void join(Crew crew, InetSocketAddress server, int workers, Terms terms) throws IOException {
        for (int number = 0; number < workers; number++) {
            join(crew, crew.connect(server), "bench-" + number, terms);
        }
    }

    /** Makes a worker of a connection. */
    static void join(Crew crew, RawConnection connection, String name, Terms terms) throws IOException {
        hello(connection, name, terms.credit(), terms.taskType());
        crew.start(name, new RawWorker(connection, terms));
    }

    static void hello(RawConnection connection, String name, int credit, String taskType) throws IOException {
        connection.sendFrame("{\"type\":\"worker\",\"protocol\":2,\"name\":\"" + name + "\",\"slots\":1,\"credit\":"
                + credit + ",\"task_types\":[\"" + taskType + "\"]}");
        WireText.expect(connection.readFrame(), "welcome");
    }

    @Override
    public void run() throws IOException {
        long sentNanos = System.nanoTime();
        long idleSinceNanos = 0;
        while (true) {
            String message = connection.readFrame();
            if (WireText.isOfType(message, "assign")) {
                if (idleSinceNanos != 0) {
                    record(System.nanoTime() - idleSinceNanos);
                    idleSinceNanos = 0;
                }
                answer(message);
            } else if (WireText.isOfType(message, "error")) {
                throw new IOException("the server refused what a worker sent: " + message);
            }
            if (System.nanoTime() - sentNanos > HEARTBEAT_NANOS) {
                connection.writeFrame("{\"type\":\"heartbeat\"}");
                sentNanos = System.nanoTime();
            }
            if (connection.isIdle()) {
                connection.out().flush();
                idleSinceNanos = System.nanoTime();
            }
        }
    }

    private void record(long nanos) {
        synchronized (waitsNanos) {
            waitsNanos.recordValue(nanos);
        }
    }

    private void answer(String assign) throws IOException {
        String lease = "{\"type\":\"result\",\"lease\":" + WireText.number(assign, "lease") + ",\"from\":";
        long index = WireText.number(assign, "from");
        StringBuilder results = new StringBuilder(lease).append(index).append(",\"results\":[");
        int empty = results.length();
        WireText.Numbers starts = WireText.payloads(assign);
        while (starts.next()) {
            long sum = SquareRange.sum(starts.value());
            if (answering == Answering.SINGLE) {
                connection.writeFrame(lease + index++ + ",\"results\":[" + sum + "]}");
            } else {
                results.append(results.length() == empty ? "" : ",").append(sum);
            }
        }
        if (answering == Answering.BATCHED) {
            connection.writeFrame(results.append("]}").toString());
        }
    }
}
