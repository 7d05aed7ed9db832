package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.ResultTooLargeException;
import io.divvy.client.TaskCancelledException;
import io.divvy.client.TaskFailedException;
import io.divvy.client.TaskHandle;
import io.divvy.client.TaskRefusedException;
import io.divvy.protocol.Progress;
import io.divvy.protocol.TaskView;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wait of somebody at a terminal for the end of tasks. Ctrl-C ends the wait and not the tasks, and says how to come back; a
 * second one within two seconds cancels the tasks.
 */
final class TaskWait implements AutoCloseable {
    /** How long a second Ctrl-C means this wait. */
    private static final long SECOND_MS = 2_000;
    /** How long a server may take to cancel; it may be away. */
    private static final long CANCEL_MS = 5_000;

    /** After how long without a worker it is said why. */
    private static final long EXPLAIN_MS = 3_000;

    private static final Logger LOG = LoggerFactory.getLogger(TaskWait.class);

    private final ProgressLine progress;
    /** For how many tasks somebody asked by their ids; 0 for one that is submitted. */
    private final int asked;

    private final boolean printsTasks;
    private final CountDownLatch second = new CountDownLatch(1);
    private final Thread hook = new Thread(this::sayAtEnd, "divvy-wait-end");
    /** Whether a worker had some of it. */
    private volatile boolean begun;

    private final List<Reports> all = new CopyOnWriteArrayList<>();
    /** Where more is to be had of tasks. */
    private volatile @Nullable URI api;
    // Guarded by this.
    private List<TaskHandle> tasks = List.of();
    private int open;
    /** Subtasks that are not in the results. */
    private long failed;

    private long retries;
    private boolean interrupted;
    private boolean over;

    private TaskWait(String title, int asked, boolean printsTasks) {
        this.progress = ProgressLine.begin(title);
        this.asked = asked;
        this.printsTasks = printsTasks;
        Signals.at(Signals.INTERRUPT, this::interrupt);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * For a task that is to be submitted.
     *
     * @param printsTasks whether a task is printed, and not its result alone
     */
    static TaskWait ofSubmission(String type, boolean printsTasks) {
        return new TaskWait(type, 0, printsTasks);
    }

    /** For tasks that there are, or not. */
    static TaskWait ofTasks(List<String> ids, boolean printsTasks) {
        return new TaskWait(ids.size() == 1 ? ids.get(0) : ids.size() + " tasks", ids.size(), printsTasks);
    }

    /** Who hears of the progress of one of the tasks. */
    Consumer<Progress> reports() {
        Reports reports = new Reports();
        all.add(reports);
        return reports;
    }

    private final class Reports implements Consumer<Progress> {
        private volatile Progress newest = new Progress.Draft(0).finish();

        @Override
        public void accept(Progress report) {
            newest = report;
            if (report.leased() + report.done() + report.failed() > 0) {
                begun = true;
            }
            progress.update(sum());
        }
    }

    private Progress sum() {
        long total = 0;
        long done = 0;
        long failed = 0;
        for (Reports task : all) {
            Progress report = task.newest;
            total += report.total();
            done += report.done();
            failed += report.failed();
        }
        Progress.Draft sum = new Progress.Draft(total);
        sum.done = done;
        sum.failed = failed;
        return sum.finish();
    }

    /** Says which tasks these are, before anything else. */
    void begin(DivvyClient client, List<TaskHandle> handles) {
        handles.forEach(handle -> System.err.println("divvy: task " + handle.id()));
        synchronized (this) {
            tasks = List.copyOf(handles);
            open = handles.size();
        }
        api = client.httpApi();
        handles.forEach(handle -> explainLater(handle.id()));
    }

    /** Waits for the end of one of them, and puts its result where it belongs. */
    void finish(TaskHandle handle, ResultOutput output)
            throws TaskFailedException, NoResultException, TaskRefusedException, RequestRefusedException,
                    LocalFileException, UsageException, IOException, InterruptedException {
        JsonNode result;
        try {
            result = end(handle);
        } catch (NoResultException e) {
            if (printsTasks) {
                System.out.println(TaskText.json(handle.status()));
            }
            throw e;
        }
        if (output.isFile() || !printsTasks) {
            put(handle, result, output);
        }
        if (printsTasks) {
            System.out.println(TaskText.json(handle.status()));
        }
    }

    /** The result, or null if that is to be had over HTTP only. */
    private @Nullable JsonNode end(TaskHandle handle)
            throws TaskFailedException, NoResultException, IOException, InterruptedException {
        try {
            JsonNode result = handle.await();
            endWithResult(handle);
            return result;
        } catch (TaskCancelledException e) {
            leaveTheEndToWhoInterrupted();
            endOne(false);
            throw NoResultException.cancelled(handle.id());
        } catch (ResultTooLargeException e) {
            endWithResult(handle);
            return null;
        } catch (TaskFailedException e) {
            endOne(false);
            if (e.error() != null) {
                throw NoResultException.failed(handle.id(), e.error().message());
            }
            throw e;
        }
    }

    /** @param result null if it is to be had over HTTP only */
    private void put(TaskHandle handle, @Nullable JsonNode result, ResultOutput output)
            throws RequestRefusedException, LocalFileException, UsageException, IOException, InterruptedException {
        boolean isOneOfMany = asked > 1; // Each result has a line.
        if (result != null && !output.isFile() && (isOneOfMany || !ResultOutput.mayBePicture(result))) {
            System.out.println(result);
            return;
        }
        if (api == null) {
            throw new IOException(
                    "the server tells of no HTTP API, over which the result of task " + handle.id() + " is to be had");
        }
        RestClient rest = new RestClient(api);
        if (isOneOfMany) {
            output.fetchJson(rest, handle.id());
        } else {
            output.fetch(rest, handle.id());
        }
    }

    /** Whoever let the task go on without some subtasks sees how many its result is without. */
    private void endWithResult(TaskHandle handle) throws InterruptedException {
        long missing = 0;
        long again = 0;
        try {
            TaskView view = handle.status();
            missing = view.progress().failed();
            again = view.retries();
        } catch (IOException | TaskRefusedException e) {
            LOG.debug("nothing is known of failed subtasks of task {}: {}", handle.id(), e.getMessage());
        }
        synchronized (this) {
            failed += missing;
            retries += again;
        }
        endOne(true);
        if (missing > 0) {
            System.err.println("divvy: " + missing + " of " + handle.subtasks() + " subtasks failed and "
                    + (missing == 1 ? "is" : "are") + " not in the result; \"divvy failures " + handle.id()
                    + "\" says why");
        }
    }

    /** After the last one nothing is to be waited for again, whatever becomes of its result. */
    private void endOne(boolean isCompleted) {
        boolean isLast;
        long subtasks;
        long missing;
        long again;
        synchronized (this) {
            open--;
            isLast = open == 0;
            missing = failed;
            again = retries;
            subtasks = tasks.stream().mapToLong(TaskHandle::subtasks).sum();
        }
        if (isLast) {
            if (isCompleted) {
                progress.complete(subtasks, missing, again);
            }
            close();
        }
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
    private void explainLater(String id) {
        Thread thread = new Thread(() -> explain(id), "divvy-wait-explain");
        thread.setDaemon(true);
        thread.start();
    }

    private void explain(String id) {
        URI known = api;
        if (known == null) {
            return;
        }
        TaskCourse course = new TaskCourse(known, id);
        try {
            Thread.sleep(EXPLAIN_MS);
            if (!begun && !isOver()) {
                course.whyUntaken().forEach(why -> System.err.println("divvy: " + why));
            }
            while (all.size() == 1 && !isOver()) {
                course.tell(progress);
                Thread.sleep(progress.askMs());
            }
        } catch (IOException | RequestRefusedException e) {
            LOG.debug("nothing is known of how task {} goes: {}", id, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isOver() {
        return over || interrupted;
    }

    /** On a thread of the platform. The first one ends the process, in the end; the second one only tells it how. */
    private void interrupt() {
        List<TaskHandle> waitedFor;
        boolean hasEnded;
        synchronized (this) {
            if (interrupted) {
                if (over || second.getCount() == 0) {
                    Runtime.getRuntime().halt(ExitCode.INTERRUPTED); // Whoever asks three times wants to be gone.
                }
                second.countDown();
                return;
            }
            interrupted = true;
            waitedFor = tasks;
            hasEnded = over;
        }
        new Thread(() -> end(waitedFor, hasEnded), "divvy-wait-interrupted").start();
    }

    /** @param hasEnded whether only a result is not written yet */
    private void end(List<TaskHandle> waitedFor, boolean hasEnded) {
        progress.close();
        if (waitedFor.isEmpty()) {
            System.err.println(
                    asked == 0
                            ? "divvy: interrupted before the server answered; \"divvy tasks\" shows whether it has the task"
                            : "divvy: interrupted; nothing was cancelled");
        } else if (hasEnded) {
            String last = waitedFor.get(waitedFor.size() - 1).id();
            System.err.println(
                    "divvy: interrupted while the result was written; \"divvy result " + last + "\" gets it");
        } else {
            say(waitedFor, waitedFor.size() == 1 ? "; Ctrl-C again cancels it" : "; Ctrl-C again cancels them");
            cancelIfAsked(waitedFor);
        }
        Shutdown.exit(ExitCode.INTERRUPTED);
    }

    private void cancelIfAsked(List<TaskHandle> waitedFor) {
        try {
            if (second.await(SECOND_MS, TimeUnit.MILLISECONDS)) {
                List<CompletableFuture<TaskView>> cancelled =
                        waitedFor.stream().map(TaskHandle::cancelAsync).toList();
                long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CANCEL_MS);
                for (int i = 0; i < cancelled.size(); i++) {
                    sayCancelled(waitedFor.get(i), cancelled.get(i), Math.max(0, deadlineNs - System.nanoTime()));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void sayCancelled(TaskHandle handle, CompletableFuture<TaskView> cancelled, long atMostNs)
            throws InterruptedException {
        try {
            System.err.println("divvy: task " + handle.id() + " is "
                    + cancelled.get(atMostNs, TimeUnit.NANOSECONDS).state());
        } catch (ExecutionException | TimeoutException e) {
            String reason = e instanceof TimeoutException
                    ? "the server did not answer within " + CANCEL_MS + " ms"
                    : String.valueOf(
                            e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
            System.err.println("divvy: task " + handle.id() + " could not be cancelled (" + reason
                    + "); \"divvy cancel " + handle.id() + "\" tries again");
        }
    }

    /** Of a process that ends by something else than Ctrl-C, for instance SIGTERM. */
    private void sayAtEnd() {
        List<TaskHandle> waitedFor;
        synchronized (this) {
            if (over || interrupted) {
                return;
            }
            waitedFor = tasks;
        }
        progress.close();
        if (!waitedFor.isEmpty()) {
            say(waitedFor, "");
        }
    }

    private static void say(List<TaskHandle> waitedFor, String more) {
        boolean isOne = waitedFor.size() == 1;
        String ids = waitedFor.stream().map(TaskHandle::id).collect(Collectors.joining(" "));
        System.err.println("divvy: " + (isOne ? "the task goes on" : "the tasks go on") + "; \"divvy wait " + ids
                + "\" waits for " + (isOne ? "it" : "them") + " again" + more);
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
