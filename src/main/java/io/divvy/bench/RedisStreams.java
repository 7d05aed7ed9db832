package io.divvy.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Redis streams with consumer groups: work in one stream, results in another, each entry acknowledged. */
final class RedisStreams implements Contender, JobQueue {
    private static final String WORK = "divvy-bench-work";
    private static final String RESULTS = "divvy-bench-results";
    private static final String GROUP = "group";
    /** Results that the sender takes at once. */
    private static final int COLLECTED = 512;

    private final InetSocketAddress address;
    private final LocalProcess process;

    private RedisStreams(InetSocketAddress address, long pid) {
        this.address = address;
        this.process = new LocalProcess(address, pid);
    }

    static RedisStreams at(InetSocketAddress address) throws IOException {
        try (RawConnection connection = RawConnection.open(address)) {
            command(connection, "INFO", "server");
            connection.out().flush();
            String pid = String.valueOf(reply(connection))
                    .lines()
                    .filter(line -> line.startsWith("process_id:"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("the INFO of Redis lacks its process_id"));
            return new RedisStreams(
                    address,
                    Long.parseLong(pid.substring("process_id:".length()).strip()));
        }
    }

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public long run(int subtasks, int workers, int window, Histogram waitsNanos) throws Exception {
        return run(subtasks, workers, window, InFlight.unbounded());
    }

    @Override
    public long runJobs(int jobs, int workers, int inFlight, Histogram waitsNanos) throws Exception {
        return run(jobs, workers, inFlight / workers, new InFlight(inFlight));
    }

    private long run(int subtasks, int workers, int window, InFlight bound) throws Exception {
        try (Crew crew = new Crew()) {
            RawConnection producer = crew.connect(address);
            createStreams(producer);
            for (int number = 0; number < workers; number++) {
                RawConnection connection = crew.connect(address);
                String name = "worker-" + number;
                crew.start("redis-" + number, () -> work(connection, name, window));
            }
            crew.start("redis-producer", () -> {
                for (int index = 0; index < subtasks; index++) {
                    bound.begin(producer);
                    add(producer, WORK, SquareRange.start(index));
                }
                producer.out().flush();
            });
            crew.start("redis-replies", () -> {
                while (true) {
                    reply(producer);
                }
            });
            return collect(crew.connect(address), subtasks, bound);
        } finally {
            dropStreams();
        }
    }

    /** Makes sure that what this Redis acknowledged is on its disk. */
    void requireDurable() throws IOException {
        try (RawConnection connection = RawConnection.open(address)) {
            requireSetting(connection, "appendonly", "yes");
            requireSetting(connection, "appendfsync", "always");
        }
    }

    private static void requireSetting(RawConnection connection, String name, String expected) throws IOException {
        command(connection, "CONFIG", "GET", name);
        connection.out().flush();
        Object value = list(reply(connection)).get(1);
        if (!expected.equals(value)) {
            throw new IOException("its setting " + name + " is " + value + ", expected " + expected
                    + ": start it with --appendonly yes --appendfsync always");
        }
    }

    private static void createStreams(RawConnection connection) throws IOException {
        command(connection, "DEL", WORK, RESULTS);
        command(connection, "XGROUP", "CREATE", WORK, GROUP, "$", "MKSTREAM");
        command(connection, "XGROUP", "CREATE", RESULTS, GROUP, "$", "MKSTREAM");
        connection.out().flush();
        for (int i = 0; i < 3; i++) {
            reply(connection);
        }
    }

    private void dropStreams() throws IOException {
        try (RawConnection connection = RawConnection.open(address)) {
            command(connection, "DEL", WORK, RESULTS);
            connection.out().flush();
            reply(connection);
        }
    }

    private static void work(RawConnection connection, String name, int window) throws IOException {
        ask(connection, WORK, name, window);
        connection.out().flush();
        while (true) {
            List<Entry> entries = entries(connection);
            for (Entry entry : entries) {
                add(connection, RESULTS, SquareRange.sum(entry.number));
            }
            acknowledge(connection, WORK, entries);
            ask(connection, WORK, name, window); // In the same packet, so that it waits once for each window.
            connection.out().flush();
            for (int replies = entries.isEmpty() ? 0 : entries.size() + 1; replies > 0; replies--) {
                reply(connection);
            }
        }
    }

    private static long collect(RawConnection connection, int subtasks, InFlight bound) throws IOException {
        long sum = 0;
        ask(connection, RESULTS, "sender", COLLECTED);
        connection.out().flush();
        for (int done = 0; done < subtasks; ) {
            List<Entry> entries = entries(connection);
            for (Entry entry : entries) {
                sum += entry.number;
                bound.end();
            }
            done += entries.size();
            acknowledge(connection, RESULTS, entries);
            ask(connection, RESULTS, "sender", COLLECTED);
            connection.out().flush();
            if (!entries.isEmpty()) {
                reply(connection);
            }
        }
        return sum;
    }

    private record Entry(String id, long number) {}

    private static void add(RawConnection connection, String stream, long number) throws IOException {
        command(connection, "XADD", stream, "*", "n", Long.toString(number));
    }

    /** Asks for the next entries. The answer waits for them for up to a second. */
    private static void ask(RawConnection connection, String stream, String name, int most) throws IOException {
        command(
                connection,
                "XREADGROUP",
                "GROUP",
                GROUP,
                name,
                "COUNT",
                Integer.toString(most),
                "BLOCK",
                "1000",
                "STREAMS",
                stream,
                ">");
    }

    /** What the oldest {@link #ask} without an answer gave; empty if nothing came. */
    private static List<Entry> entries(RawConnection connection) throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (reply(connection) instanceof List<?> streams) {
            // [[stream, [[id, [field, value]], …]]]
            for (Object entry : list(list(streams.get(0)).get(1))) {
                List<?> idAndFields = list(entry);
                Object value = list(idAndFields.get(1)).get(1);
                entries.add(new Entry(String.valueOf(idAndFields.get(0)), Long.parseLong(String.valueOf(value))));
            }
        }
        return entries;
    }

    private static void acknowledge(RawConnection connection, String stream, List<Entry> entries) throws IOException {
        if (entries.isEmpty()) {
            return;
        }
        String[] words = new String[3 + entries.size()];
        words[0] = "XACK";
        words[1] = stream;
        words[2] = GROUP;
        for (int i = 0; i < entries.size(); i++) {
            words[3 + i] = entries.get(i).id;
        }
        command(connection, words);
    }

    private static List<?> list(@Nullable Object reply) throws IOException {
        if (reply instanceof List<?> list) {
            return list;
        }
        throw new IOException("expected a list from Redis, got " + reply);
    }

    private static void command(RawConnection connection, String... words) throws IOException {
        StringBuilder text =
                new StringBuilder().append('*').append(words.length).append("\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        connection.out().write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A string, a list, or null. */
    private static @Nullable Object reply(RawConnection connection) throws IOException {
        String line = connection.readLine();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '*' -> {
                int size = Integer.parseInt(rest);
                if (size < 0) {
                    yield null;
                }
                List<@Nullable Object> list = new ArrayList<>(size);
                for (int i = 0; i < size; i++) {
                    list.add(reply(connection));
                }
                yield list;
            }
            case '$' -> {
                int length = Integer.parseInt(rest);
                if (length < 0) {
                    yield null;
                }
                String text = connection.readText(length);
                connection.readBytes(2);
                yield text;
            }
            case '-' -> throw new IOException("Redis refused a command: " + rest);
            default -> rest;
        };
    }

    @Override
    public @Nullable Duration processorTime() {
        return process.processorTime();
    }
}
