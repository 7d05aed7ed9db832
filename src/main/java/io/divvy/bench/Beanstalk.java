package io.divvy.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * beanstalkd: jobs go through one tube, results through another. A reserve that waits blocks its connection, so the window
 * of a worker is always 1.
 */
final class Beanstalk implements Contender, JobQueue {
    /** Reserves of the sender that are under way at once: results are there, so none of them waits for long. */
    private static final int RESERVES = 64;

    private final InetSocketAddress address;
    private final LocalProcess process;
    private int runs;

    private Beanstalk(InetSocketAddress address, long pid) {
        this.address = address;
        this.process = new LocalProcess(address, pid);
    }

    static Beanstalk at(InetSocketAddress address) throws IOException {
        return new Beanstalk(address, Long.parseLong(stat(address, "pid")));
    }

    private static String stat(InetSocketAddress address, String name) throws IOException {
        try (RawConnection connection = RawConnection.open(address)) {
            connection.write("stats\r\n");
            connection.out().flush();
            String header = connection.readLine();
            if (!header.startsWith("OK ")) {
                throw new IOException(address + " is no beanstalkd: it answered " + header);
            }
            String stats = connection.readText(Integer.parseInt(header.substring("OK ".length())));
            String key = name + ": ";
            return stats.lines()
                    .filter(line -> line.startsWith(key))
                    .findFirst()
                    .orElseThrow(() -> new IOException("the stats of beanstalkd lack " + name))
                    .substring(key.length());
        }
    }

    /** Makes sure that it keeps its jobs on disk. How often it syncs, it does not say. */
    void requireDurable() throws IOException {
        if (stat(address, "binlog-current-index").equals("0")) {
            throw new IOException("it has no binlog: start it with -b FOLDER -f 0");
        }
    }

    @Override
    public String name() {
        return "beanstalkd";
    }

    @Override
    public long run(int subtasks, int workers, int window, Histogram waitsNanos) throws Exception {
        return run(subtasks, workers, InFlight.unbounded());
    }

    @Override
    public long runJobs(int jobs, int workers, int inFlight, Histogram waitsNanos) throws Exception {
        return run(jobs, workers, new InFlight(inFlight));
    }

    private long run(int subtasks, int workers, InFlight bound) throws Exception {
        // What a broken run left in a tube must not be taken for work of this one.
        String suffix = "-" + ProcessHandle.current().pid() + "-" + runs++;
        String work = "work" + suffix;
        String results = "results" + suffix;
        try (Crew crew = new Crew()) {
            for (int number = 0; number < workers; number++) {
                RawConnection connection = crew.connect(address);
                crew.start("beanstalk-" + number, () -> work(connection, work, results));
            }
            RawConnection producer = crew.connect(address);
            crew.start("beanstalk-producer", () -> {
                producer.write("use " + work + "\r\n");
                for (int index = 0; index < subtasks; index++) {
                    bound.begin(producer);
                    put(producer, SquareRange.start(index));
                }
                producer.out().flush();
            });
            crew.start("beanstalk-replies", () -> {
                while (true) {
                    producer.readLine();
                }
            });
            return collect(crew.connect(address), results, subtasks, bound);
        }
    }

    private static void work(RawConnection connection, String work, String results) throws IOException {
        connection.write("use " + results + "\r\nwatch " + work + "\r\nignore default\r\nreserve\r\n");
        connection.out().flush();
        while (true) {
            String reply = connection.readLine();
            if (reply.startsWith("RESERVED")) {
                put(connection, SquareRange.sum(body(connection, reply)));
                connection.write("delete " + id(reply) + "\r\nreserve\r\n");
            }
            connection.flushIfIdle();
        }
    }

    private static long collect(RawConnection consumer, String results, int subtasks, InFlight bound)
            throws IOException {
        consumer.write(
                "watch " + results + "\r\nignore default\r\n" + "reserve\r\n".repeat(Math.min(RESERVES, subtasks)));
        consumer.out().flush();
        long sum = 0;
        int reserved = 0;
        for (int deleted = 0; deleted < subtasks; ) {
            String reply = consumer.readLine();
            if (reply.startsWith("RESERVED")) {
                sum += body(consumer, reply);
                bound.end();
                reserved++;
                consumer.write("delete " + id(reply) + "\r\n");
                if (reserved <= subtasks - RESERVES) {
                    consumer.write("reserve\r\n");
                }
            } else if (reply.equals("DELETED")) {
                deleted++;
            }
            consumer.flushIfIdle();
        }
        return sum;
    }

    private static void put(RawConnection connection, long number) throws IOException {
        String body = Long.toString(number);
        connection.write("put 0 0 60 " + body.length() + "\r\n" + body + "\r\n");
    }

    /** Of {@code RESERVED <id> <bytes>}. */
    private static String id(String reply) {
        return reply.substring(reply.indexOf(' ') + 1, reply.lastIndexOf(' '));
    }

    private static long body(RawConnection connection, String reply) throws IOException {
        int length = Integer.parseInt(reply.substring(reply.lastIndexOf(' ') + 1));
        String body = connection.readText(length);
        connection.readBytes(2);
        return Long.parseLong(body);
    }

    @Override
    public @Nullable Duration processorTime() {
        return process.processorTime();
    }
}
