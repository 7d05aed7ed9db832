package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.ResultTooLargeException;
import io.divvy.client.TaskCancelledException;
import io.divvy.client.TaskFailedException;
import io.divvy.client.TaskHandle;
import io.divvy.protocol.Progress;
import io.divvy.protocol.TaskView;
import java.io.IOException;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wait of somebody at a terminal for the end of a task. Ctrl-C ends the wait and not the task, and says how to come back; a
 * second one within two seconds cancels the task.
 */
final class TaskWait implements AutoCloseable {
    /** How long a second Ctrl-C means this wait. */
    private static final long SECOND_MS = 2_000;
    /** How long a server may take to cancel; it may be away. */
    private static final long CANCEL_MS = 5_000;

    /** After how long without a worker it is said why. */
    private static final long EXPLAIN_MS = 3_000;
    /** Reasons that do not go away by themselves. */
    private static final Set<String> UNTAKEN = Set.of("no_worker");

    private static final Logger LOG = LoggerFactory.getLogger(TaskWait.class);

    private final ProgressLine progress;
    private final CountDownLatch second = new CountDownLatch(1);
    private final Thread hook = new Thread(this::sayAtEnd, "divvy-wait-end");
    /** Whether a worker had some of it. */
    private volatile boolean begun;
    // Guarded by this.
    private @Nullable TaskHandle task;
    private boolean interrupted;
    private boolean over;

    /** @param title of the progress */
    TaskWait(String title) {
        this.progress = new ProgressLine(title);
        Signals.at(Signals.INTERRUPT, this::interrupt);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    void update(Progress report) {
        begun = report.leased() + report.done() + report.failed() > 0;
        progress.update(report);
    }

    /** Says which task it is, before anything else, waits for its end, and puts its result where it belongs. */
    void finish(DivvyClient client, TaskHandle handle, ResultOutput output)
            throws TaskFailedException, IOException, InterruptedException, RequestRefusedException, LocalFileException {
        System.err.println("divvy: task " + handle.id());
        synchronized (this) {
            task = handle;
        }
        explainLater(client.httpApi(), handle.id());
        JsonNode result = null;
        try {
            result = handle.await();
            progress.complete();
        } catch (TaskCancelledException e) {
            leaveTheEndToWhoInterrupted();
            throw e;
        } catch (ResultTooLargeException e) {
            // It is to be had over HTTP.
        }
        close(); // Of what is known now nothing is to be waited for again.
        if (result != null && !output.isFile()) {
            output.print(result);
            return;
        }
        URI api = client.httpApi();
        if (api == null) {
            throw new IOException(
                    "the server tells of no HTTP API, over which the result of task " + handle.id() + " is to be had");
        }
        output.fetch(new RestClient(api), handle.id());
    }

    /** A second Ctrl-C cancelled the task: what is to be said of that, and how the process ends, is said there. */
    private void leaveTheEndToWhoInterrupted() throws InterruptedException {
        boolean isLeft;
        synchronized (this) {
            isLeft = interrupted;
        }
        if (isLeft) {
            new CountDownLatch(1).await();
        }
    }

    /** If no worker has some of it soon, somebody who waits wants to know why. */
    private void explainLater(@Nullable URI api, String id) {
        Thread thread = new Thread(() -> explain(api, id), "divvy-wait-explain");
        thread.setDaemon(true);
        thread.start();
    }

    private void explain(@Nullable URI api, String id) {
        try {
            Thread.sleep(EXPLAIN_MS);
            if (api != null && !begun && !isOver()) {
                ObjectNode explanation = new RestClient(api).get("/tasks/" + RestClient.encoded(id) + "/explain");
                for (JsonNode reason : explanation.path("reasons")) {
                    if (UNTAKEN.contains(reason.path("reason").asText())) {
                        System.err.println("divvy: " + reason.path("message").asText());
                    }
                }
            }
        } catch (IOException | RequestRefusedException e) {
            LOG.debug("nothing is known of why task {} does not begin: {}", id, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isOver() {
        return over || interrupted;
    }

    /** On a thread of the platform. The first one ends the process, in the end; the second one only tells it how. */
    private void interrupt() {
        TaskHandle waitedFor;
        synchronized (this) {
            if (interrupted) {
                if (over || second.getCount() == 0) {
                    Runtime.getRuntime().halt(ExitCode.INTERRUPTED); // Whoever asks three times wants to be gone.
                }
                second.countDown();
                return;
            }
            interrupted = true;
            waitedFor = task;
            if (over) {
                return; // The task has ended; what is left is to write its result.
            }
        }
        new Thread(() -> end(waitedFor), "divvy-wait-interrupted").start();
    }

    private void end(@Nullable TaskHandle waitedFor) {
        progress.close();
        if (waitedFor == null) {
            System.err.println("divvy: interrupted before the server had accepted the task");
        } else {
            say(waitedFor, "; Ctrl-C again cancels it");
            cancelIfAsked(waitedFor);
        }
        Shutdown.exit(ExitCode.INTERRUPTED);
    }

    private void cancelIfAsked(TaskHandle waitedFor) {
        try {
            if (second.await(SECOND_MS, TimeUnit.MILLISECONDS)) {
                TaskView cancelled = waitedFor.cancelAsync().get(CANCEL_MS, TimeUnit.MILLISECONDS);
                System.err.println("divvy: task " + waitedFor.id() + " is " + cancelled.state());
            }
        } catch (ExecutionException | TimeoutException e) {
            String reason = e instanceof TimeoutException
                    ? "the server did not answer within " + CANCEL_MS + " ms"
                    : String.valueOf(
                            e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
            System.err.println("divvy: task " + waitedFor.id() + " could not be cancelled (" + reason
                    + "); \"divvy cancel " + waitedFor.id() + "\" tries again");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Of a process that ends by something else than Ctrl-C, for instance SIGTERM. */
    private void sayAtEnd() {
        TaskHandle waitedFor;
        synchronized (this) {
            if (over || interrupted) {
                return;
            }
            waitedFor = task;
        }
        progress.close();
        if (waitedFor != null) {
            say(waitedFor, "");
        }
    }

    private static void say(TaskHandle waitedFor, String more) {
        System.err.println("divvy: the task goes on; \"divvy wait " + waitedFor.id() + "\" waits for it again" + more);
    }

    /** The wait is over; nothing is left to be said. */
    @Override
    public void close() {
        synchronized (this) {
            over = true;
        }
        progress.close();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process ends already. The hook runs, or has run, and says nothing from now on.
        }
    }
}
