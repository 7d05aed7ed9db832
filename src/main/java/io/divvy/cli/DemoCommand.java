package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskHandle;
import io.divvy.client.TaskRequest;
import io.divvy.protocol.Progress;
import io.divvy.protocol.TaskView;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;

/** {@code divvy demo}: a server and two workers, one of which does not live to see the end. */
@Command(
        name = "demo",
        description =
                "Starts a server and two workers, kills one of them in the middle of a task, and shows that the result"
                        + " is right all the same.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private static final Pattern SERVER_READY = Pattern.compile("tcp://127\\.0\\.0\\.1:(\\d+) and (http://\\S+)");
    private static final Pattern WORKER_READY = Pattern.compile("connected to");
    /** In this time a signal that went to the children too has arrived here. */
    private static final long SIGNAL_MS = 500;

    private static final String HEAP = "256m";
    private static final long SMALL_END = 1_000_000;
    /** Some seconds of work for two processors. */
    private static final long LARGE_END = 4_000_000_000L;

    private static final long LARGE_SUBTASKS = 400;
    /** How much of the large task is done when a worker is killed. */
    private static final double KILL_AT = 0.3;

    private final Deque<ChildProcess> children = new ArrayDeque<>();
    private final CountDownLatch stopping = new CountDownLatch(1);

    @Override
    public Integer call() throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopAtSignal, "divvy-demo-stop"));
        try {
            return run();
        } catch (Exception e) {
            // Ctrl-C reaches the children as well, perhaps first: that they end then is no news.
            if (stopping.await(SIGNAL_MS, TimeUnit.MILLISECONDS)) {
                return ExitCode.INTERRUPTED;
            }
            throw e;
        } finally {
            stopAll();
        }
    }

    private void stopAtSignal() {
        Shutdown.announce("stopping the server and the workers, which takes some seconds at most");
        stopping.countDown();
        stopAll();
    }

    private int run() throws Exception {
        ChildProcess server =
                start("server", SERVER_READY, "server", "--port", "0", "--http-port", "0", "--store", "memory");
        Matcher addresses = server.awaitAnnouncement();
        int port = Integer.parseInt(addresses.group(1));
        System.out.printf(
                Locale.ROOT, "server   pid %d, tcp port %d, HTTP API at %s%n", server.pid(), port, addresses.group(2));
        ChildProcess alice = startWorker("alice", port);
        ChildProcess bob = startWorker("bob", port);
        alice.awaitAnnouncement();
        bob.awaitAnnouncement();
        System.out.printf(
                Locale.ROOT, "workers  alice (pid %d) and bob (pid %d), one slot each%n%n", alice.pid(), bob.pid());

        try (DivvyClient client = DivvyClient.connect(new InetSocketAddress("127.0.0.1", port))) {
            boolean right = runTask(client, SMALL_END, 10, progress -> {});
            AtomicBoolean killed = new AtomicBoolean();
            right &= runTask(client, LARGE_END, LARGE_SUBTASKS, progress -> {
                if (progress.done() >= KILL_AT * progress.total() && killed.compareAndSet(false, true)) {
                    bob.kill();
                    System.out.printf(
                            Locale.ROOT,
                            "         bob was killed (SIGKILL) with %d of %d subtasks done%n",
                            progress.done(),
                            progress.total());
                }
            });
            if (!killed.get()) {
                System.out.println(
                        "         the task was over before bob could be killed; the machine is too fast for this demo");
            }
            return right ? ExitCode.DONE : ExitCode.TASK_FAILED;
        }
    }

    private boolean runTask(DivvyClient client, long end, long subtasks, Consumer<Progress> onProgress)
            throws Exception {
        System.out.printf(Locale.ROOT, "task     sum of squares of 1 to %,d in %d subtasks%n", end, subtasks);
        TaskRequest task = TaskRequest.of("sum_of_squares")
                .param("start", 1)
                .param("end", end)
                .subtasks(subtasks);
        long startNanos = System.nanoTime();
        TaskHandle handle;
        JsonNode result;
        try (ProgressLine bar = ProgressLine.begin("        ")) {
            handle = client.submit(task, progress -> {
                bar.update(progress);
                onProgress.accept(progress);
            });
            result = handle.await();
            bar.complete(subtasks, 0, 0);
        }
        double seconds = (System.nanoTime() - startNanos) / (double) TimeUnit.SECONDS.toNanos(1);
        TaskView view = client.status(handle.id());
        BigInteger expected = formula(BigInteger.valueOf(end));
        boolean right = result.bigIntegerValue().equals(expected);
        System.out.printf(
                Locale.ROOT,
                "result   %s after %.1f s, %s%n",
                result,
                seconds,
                right ? "which is what the formula n(n+1)(2n+1)/6 gives" : "but the formula gives " + expected);
        System.out.printf(
                Locale.ROOT,
                "         %d of %d subtasks done, each counted once; %d had to be run again%n%n",
                view.progress().done(),
                view.progress().total(),
                view.retries());
        return right;
    }

    private static BigInteger formula(BigInteger n) {
        BigInteger one = BigInteger.ONE;
        return n.multiply(n.add(one)).multiply(n.shiftLeft(1).add(one)).divide(BigInteger.valueOf(6));
    }

    private ChildProcess startWorker(String name, int port) throws Exception {
        return start(name, WORKER_READY, "worker", "--server", "127.0.0.1:" + port, "--slots", "1", "--name", name);
    }

    private ChildProcess start(String name, Pattern announcement, String... arguments) throws Exception {
        synchronized (children) {
            if (stopping.getCount() == 0) {
                throw new InterruptedException("the demo was told to stop");
            }
            ChildProcess child = new ChildProcess(name, HEAP, announcement, arguments);
            children.push(child);
            return child;
        }
    }

    /** The last one started is stopped first: workers before the server. */
    private void stopAll() {
        synchronized (children) {
            while (!children.isEmpty()) {
                children.pop().stop();
            }
        }
    }
}
