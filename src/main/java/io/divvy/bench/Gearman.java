package io.divvy.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** gearmand: foreground jobs, whose results it passes back to the client. */
final class Gearman implements Contender {
    private static final int REQUEST = 0x00524551; // "\0REQ"
    private static final int CAN_DO = 1;
    private static final int PRE_SLEEP = 4;
    private static final int NOOP = 6;
    private static final int SUBMIT_JOB = 7;
    private static final int GRAB_JOB = 9;
    private static final int NO_JOB = 10;
    private static final int JOB_ASSIGN = 11;
    private static final int WORK_COMPLETE = 13;
    private static final String FUNCTION = "divvy_bench";

    private final InetSocketAddress address;
    private final LocalProcess process;

    private Gearman(InetSocketAddress address, long pid) {
        this.address = address;
        this.process = new LocalProcess(address, pid);
    }

    static Gearman at(InetSocketAddress address) throws IOException {
        try (RawConnection connection = RawConnection.open(address)) {
            connection.write("getpid\n");
            connection.out().flush();
            return new Gearman(address, Long.parseLong(connection.readLine().replace("OK ", "")));
        }
    }

    @Override
    public String name() {
        return "gearmand";
    }

    @Override
    public long run(int subtasks, int workers, int window, Histogram waitsNanos) throws Exception {
        try (Crew crew = new Crew()) {
            for (int number = 0; number < workers; number++) {
                RawConnection connection = crew.connect(address);
                crew.start("gearman-" + number, () -> work(connection, window));
            }
            RawConnection client = crew.connect(address);
            crew.start("gearman-client", () -> {
                for (int index = 0; index < subtasks; index++) {
                    write(client, SUBMIT_JOB, FUNCTION + "\0\0" + SquareRange.start(index));
                }
                client.out().flush();
            });
            long sum = 0;
            for (int done = 0; done < subtasks; ) {
                Packet packet = read(client);
                if (packet.type == WORK_COMPLETE) {
                    sum += Long.parseLong(packet.data.substring(packet.data.indexOf('\0') + 1));
                    done++;
                }
            }
            return sum;
        }
    }

    /** Grabs that are unanswered never exceed the window; once all of them found nothing, it sleeps until a NOOP. */
    private static void work(RawConnection connection, int window) throws IOException {
        write(connection, CAN_DO, FUNCTION);
        int asked = grab(connection, window);
        while (true) {
            connection.flushIfIdle();
            Packet packet = read(connection);
            switch (packet.type) {
                case JOB_ASSIGN -> {
                    int handleEnd = packet.data.indexOf('\0');
                    int payload = packet.data.indexOf('\0', handleEnd + 1) + 1;
                    long sum = SquareRange.sum(Long.parseLong(packet.data.substring(payload)));
                    write(connection, WORK_COMPLETE, packet.data.substring(0, handleEnd) + '\0' + sum);
                    asked--;
                    asked += grab(connection, window - asked);
                }
                case NO_JOB -> {
                    asked--;
                    if (asked == 0) {
                        write(connection, PRE_SLEEP, "");
                    }
                }
                case NOOP -> asked += grab(connection, window - asked);
                default -> throw new IOException("gearmand sent an unexpected packet of type " + packet.type);
            }
        }
    }

    private static int grab(RawConnection connection, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            write(connection, GRAB_JOB, "");
        }
        return count;
    }

    private record Packet(int type, String data) {}

    private static void write(RawConnection connection, int type, String data) throws IOException {
        connection.out().writeInt(REQUEST);
        connection.out().writeInt(type);
        connection.out().writeInt(data.length());
        connection.write(data);
    }

    private static Packet read(RawConnection connection) throws IOException {
        connection.in().readInt();
        int type = connection.in().readInt();
        return new Packet(type, connection.readText(connection.in().readInt()));
    }

    @Override
    public @Nullable Duration processorTime() {
        return process.processorTime();
    }
}
