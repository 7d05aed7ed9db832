package io.divvy.rest;

import io.divvy.protocol.TaskView;
import io.divvy.rest.ClientEndPoint.Sight;
import io.divvy.server.Gateway;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers that are held until a task ends. No thread waits for them; when the server closes they are given at once, with
 * the task as it is.
 *
 * <p>So they are when the client has gone away, which is looked for again and again. One that only shut its sending side,
 * and still reads, gets an answer by that, if earlier than it asked for.
 */
final class HeldAnswers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HeldAnswers.class);
    private static final long BUSY_RETRY_MS = 1_000;

    private final Gateway gateway;
    private final RestLimits limits;
    private final Set<Held> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger count = new AtomicInteger();
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "divvy-http-watch");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean closing;

    /** A held answer; equal only to itself. */
    private static final class Held {
        final String task;
        final ClientEndPoint client;
        final CompletableFuture<Optional<Supplier<TaskView>>> answer;

        Held(String task, ClientEndPoint client, CompletableFuture<Optional<Supplier<TaskView>>> answer) {
            this.task = task;
            this.client = client;
            this.answer = answer;
        }
    }

    HeldAnswers(Gateway gateway, RestLimits limits) {
        this.gateway = gateway;
        this.limits = limits;
        watch.scheduleWithFixedDelay(this::sweep, limits.sweepMs(), limits.sweepMs(), TimeUnit.MILLISECONDS);
    }

    /**
     * The task once it has ended, or as it is when the time is over, the client has gone or the server closes; empty if there
     * is none. Fails as busy if too many answers are held already.
     */
    CompletableFuture<Optional<Supplier<TaskView>>> untilEnd(String id, Duration atMost, ClientEndPoint client) {
        if (count.incrementAndGet() > limits.heldAnswers()) {
            count.decrementAndGet();
            return CompletableFuture.failedFuture(new ProblemException(Problem.busy(
                    "query parameter wait: " + limits.heldAnswers() + " answers are held already, as many as may be; "
                            + "ask without it, or try again",
                    BUSY_RETRY_MS)));
        }
        client.hold();
        CompletableFuture<Optional<Supplier<TaskView>>> answer =
                gateway.awaitEnd(id, atMost).orTimeout(atMost.toMillis() + limits.answerMs(), TimeUnit.MILLISECONDS);
        Held held = new Held(id, client, answer);
        open.add(held);
        CompletableFuture<Optional<Supplier<TaskView>>> released = answer.whenComplete((task, failure) -> {
            client.release(); // Before anything is sent: from then on Jetty reads.
            open.remove(held);
            count.decrementAndGet();
        });
        if (closing) {
            answerNow(held); // The close may have missed it.
        }
        return released;
    }

    /** How many are held. */
    int open() {
        return open.size();
    }

    private void sweep() {
        open.forEach(held -> {
            try {
                look(held);
            } catch (RuntimeException | Error e) {
                LOG.error("looking whether a client is there failed", e); // The others are looked at all the same.
            }
        });
    }

    private void look(Held held) {
        if (held.client.look() != Sight.THERE) {
            answerNow(held);
        }
    }

    private void answerNow(Held held) {
        gateway.find(held.task).whenComplete((task, failure) -> {
            if (failure == null) {
                held.answer.complete(task);
            } else {
                held.answer.completeExceptionally(failure);
            }
        });
    }

    @Override
    public void close() {
        closing = true;
        watch.shutdown();
        open.forEach(this::answerNow);
    }
}
