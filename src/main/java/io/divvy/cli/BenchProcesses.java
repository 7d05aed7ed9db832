package io.divvy.cli;

import io.divvy.bench.Bench;
import io.divvy.bench.Bench.Child;
import io.divvy.bench.Bench.Started;
import io.divvy.bench.Reference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Processes of this program, that end with this one, however it ends; and the folders of servers, gone with them. */
final class BenchProcesses implements Bench.Launcher {
    private static final Pattern READY = Pattern.compile("tcp://(127\\.0\\.0\\.1):(\\d+) and (http://\\S+)");
    private static final Pattern WORKER_READY = Pattern.compile("connected to");

    /** In this time a signal that went to the children too has arrived here. */
    private static final long SIGNAL_MS = 500;

    private final Deque<Running> running = new ArrayDeque<>();
    private final CountDownLatch stopping = new CountDownLatch(1);

    BenchProcesses() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopAll, "divvy-bench-stop"));
    }

    /** Whether a signal ends this process. */
    boolean awaitStop() throws InterruptedException {
        return stopping.await(SIGNAL_MS, TimeUnit.MILLISECONDS);
    }

    private void stopAll() {
        Shutdown.announce("stopping what was started, which takes some seconds at most");
        stopping.countDown();
        List<Running> left;
        synchronized (running) {
            left = List.copyOf(running);
        }
        left.forEach(Running::close);
    }

    @Override
    public Started server(String heap, Bench.Keeping keeping) throws IOException, InterruptedException {
        return started(start("server", heap, READY, keeping, "server", "--port", "0", "--http-port", "0"));
    }

    @Override
    public Started reference(Reference reference) throws IOException, InterruptedException {
        return started(start("reference", "1g", READY, null, "bench-reference", reference.name()));
    }

    @Override
    public Child worker(InetSocketAddress server, String name, int slots) throws IOException, InterruptedException {
        Running worker = start(
                "worker",
                "256m",
                WORKER_READY,
                null,
                "worker",
                "--server",
                server.getHostString() + ":" + server.getPort(),
                "--slots",
                Integer.toString(slots),
                "--name",
                name);
        worker.awaitAnnouncement();
        return worker;
    }

    private static Started started(Running process) throws IOException, InterruptedException {
        Matcher ready = process.awaitAnnouncement();
        return new Started(
                process,
                process.process.pid(),
                new InetSocketAddress(ready.group(1), Integer.parseInt(ready.group(2))),
                URI.create(ready.group(3)));
    }

    /** @param keeping null for what keeps nothing and has no option for it */
    private Running start(
            String name, String heap, Pattern announcement, Bench.@Nullable Keeping keeping, String... arguments)
            throws IOException, InterruptedException {
        // No process and no folder comes to be once the hook has looked at what there is.
        synchronized (running) {
            if (stopping.getCount() == 0) {
                throw new InterruptedException("the benchmark was told to stop");
            }
            List<String> all = new ArrayList<>(List.of(arguments));
            Path data = keeping == Bench.Keeping.ON_DISK ? Files.createTempDirectory("divvy-bench") : null;
            if (data != null) {
                all.addAll(List.of("--data", data.toString()));
            } else if (keeping != null) {
                all.addAll(List.of("--store", "memory"));
            }
            try {
                Running child =
                        new Running(new ChildProcess(name, heap, announcement, all.toArray(String[]::new)), data);
                running.push(child);
                return child;
            } catch (IOException e) {
                if (data != null) {
                    Files.delete(data);
                }
                throw e;
            }
        }
    }

    private final class Running implements Child {
        private final ChildProcess process;
        private final @Nullable Path data;
        private boolean closed;

        private Running(ChildProcess process, @Nullable Path data) {
            this.process = process;
            this.data = data;
        }

        private Matcher awaitAnnouncement() throws IOException, InterruptedException {
            try {
                return process.awaitAnnouncement();
            } catch (IOException | InterruptedException e) {
                close();
                throw e;
            }
        }

        /** Whoever comes second waits until it is over: the hook must not let the process end halfway. */
        @Override
        public synchronized void close() {
            if (closed) {
                return;
            }
            closed = true;
            process.stop();
            if (data != null) {
                delete(data);
            }
            synchronized (running) {
                running.remove(this);
            }
        }
    }

    private static void delete(Path data) {
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("divvy: " + data + " cannot be deleted: " + e.getMessage());
        }
    }
}
