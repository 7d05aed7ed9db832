package io.divvy.store.sqlite;

import io.divvy.state.TaskId;
import io.divvy.store.Retention;
import io.divvy.store.StoredTask;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes. It commits what is queued, and takes what gathered meanwhile.
 *
 * <p>The queue has no bound of its own: whoever fills it waits for what is committed, so it holds no more than what the
 * core has under way.
 */
final class Writer implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

    /** Writes of one transaction: some hundred milliseconds at most. */
    private static final int WRITES_PER_BATCH = 5_000;

    private static final int TASKS_PER_SWEEP = 1_000;

    /** Results that one sweep deletes: their pages have to be read. */
    private static final long BYTES_PER_SWEEP = 32L << 20;

    private final Connections connections;
    private final ChangeLog changes;
    private final Claim claim;
    private final Retention retention;
    private final Tuning tuning;
    private final Health health;
    private final Executor loop;
    private final Consumer<Committed> onCommitted;
    /** Made before it is needed. */
    private final SQLException noMemory = new SQLException("there is too little memory for a transaction");

    // Shared, guarded by this object.
    private final ArrayDeque<Write> queue = new ArrayDeque<>();
    /** The time of a sweep that was asked for, or negative. */
    private long sweepAtMs = -1;

    private boolean isClosing;

    private volatile boolean isBroken;

    /** When the transaction under way began, in {@link System#nanoTime}; 0 while there is none. */
    private volatile long busySinceNs;

    // Of the writer's thread.
    private final CommitPace pace;
    private final Orphans orphans;
    private @Nullable WriteStatements statements;
    private @Nullable Batch retry;
    /** Keys of new tasks that were given up and may be stored all the same. */
    private final List<Long> toUndo = new ArrayList<>();
    /** New tasks that were given up, until the loop knows. */
    private final Set<TaskId> givenUp = new HashSet<>();

    /** Unfinished tasks that may have rows of progress. */
    private final Set<TaskId> advanced;

    private Retained retained;
    private long lastKey;
    private int batchesSinceHousekeeping;
    private long retryAfterMs;
    private boolean isFailing;
    private boolean isClosed;

    /**
     * What the loop hears of a transaction, before all who asked for something of it do.
     *
     * @param finished tasks that ended in it
     * @param isSwept whether it did a sweep that was asked for
     */
    record Committed(Retained retained, List<StoredTask> finished, boolean isSwept) {}

    /** What it writes to, as this server has it. */
    record Target(Connections connections, ChangeLog changes, Claim claim) {}

    /** Who hears of each transaction on the loop, before those who asked for something of it. */
    record Audience(Executor loop, Consumer<Committed> onCommitted) {}

    Writer(Target target, Retention retention, Tuning tuning, Health health, Audience audience) {
        this.connections = target.connections();
        this.changes = target.changes();
        this.claim = target.claim();
        this.retention = retention;
        this.tuning = tuning;
        this.health = health;
        this.loop = audience.loop();
        this.onCommitted = audience.onCommitted();
        this.pace = new CommitPace(tuning.commitsPerSecond(), tuning.commitBurst(), System.nanoTime());
        this.orphans = claim.orphans();
        this.advanced = claim.advanced();
        this.retained = claim.retained();
        this.lastKey = claim.firstKey();
        this.retryAfterMs = tuning.firstRetryMs();
    }

    synchronized void add(Write write) {
        queue.add(write);
        notifyAll();
    }

    synchronized void sweep(long nowMs) {
        sweepAtMs = nowMs;
        notifyAll();
    }

    /** Writes what is queued, and ends. */
    synchronized void close() {
        isClosing = true;
        notifyAll();
    }

    /** Whether it ended by a mistake, or for lack of memory. */
    boolean isBroken() {
        return isBroken;
    }

    /** When the transaction under way began, by {@link System#nanoTime}; 0 while there is none. */
    long busySinceNs() {
        return busySinceNs;
    }

    @Override
    public void run() {
        try {
            while (step()) {
                // Until it is closed, or lost.
            }
        } catch (LostException e) {
            health.lost(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            LOG.warn("the writer was interrupted; what was queued is not committed");
        } catch (RuntimeException | Error e) {
            isBroken = true; // First, as it needs no memory.
            LOG.error("the writer failed, which is a mistake in it", e);
            health.lost("the writer failed: " + e);
        } finally {
            disconnect();
        }
    }

    /** One transaction, so that it is clear what failed if it fails. */
    private boolean step() throws LostException, InterruptedException {
        Batch batch = retry == null ? nextBatch() : retry;
        try {
            if (!batch.isEmpty()) {
                write(batch);
                batchesSinceHousekeeping++;
            } else if (isHousekeepingDue()) {
                keepHouse();
                batchesSinceHousekeeping = 0;
            } else if (isFailing) {
                transact(WriteStatements::probe);
            } else if (isToEnd()) {
                end();
            }
            retryAfterMs = tuning.firstRetryMs();
        } catch (SQLException e) {
            failed(batch, e);
        }
        return !isClosed;
    }

    private synchronized boolean isToEnd() {
        return isClosing && queue.isEmpty();
    }

    private synchronized boolean isHousekeepingDue() {
        return !isClosing && (sweepAtMs >= 0 || !orphans.isEmpty());
    }

    /** Even if there is always something to write. */
    private boolean isTurnOfHousekeeping() {
        return batchesSinceHousekeeping >= tuning.batchesPerHousekeeping();
    }

    /** What is queued; empty if there is something else to do. */
    private Batch nextBatch() throws InterruptedException, LostException {
        boolean isQueued = isSomethingQueued();
        if (isHousekeepingDue() && isTurnOfHousekeeping()) {
            return new Batch(advanced);
        }
        if (isQueued) {
            TimeUnit.NANOSECONDS.sleep(pace.waitNs(System.nanoTime())); // For company.
        }
        return takeBatch();
    }

    /**
     * Waits until there is something to do. Housekeeping is that once nothing was queued for a while: those who wait for a
     * commit queue the next thing as soon as they have it, and would wait for the housekeeping first.
     */
    private synchronized boolean isSomethingQueued() throws InterruptedException {
        long idleAtNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(tuning.idleMs());
        while (queue.isEmpty() && !isClosing && !isFailing) {
            if (!isHousekeepingDue()) {
                wait();
                continue;
            }
            long leftNs = idleAtNs - System.nanoTime();
            if (leftNs <= 0 || isTurnOfHousekeeping()) {
                break;
            }
            TimeUnit.NANOSECONDS.timedWait(this, leftNs);
        }
        return !queue.isEmpty();
    }

    private synchronized Batch takeBatch() throws LostException {
        Batch batch = new Batch(advanced);
        while (!queue.isEmpty() && batch.size() < WRITES_PER_BATCH && batch.accepts(queue.element())) {
            Write write = queue.remove();
            if (write instanceof Write.FailureTold told) {
                givenUp.remove(told.id());
            } else if (write instanceof Write.Create || !givenUp.contains(write.id())) {
                batch.add(write, ++lastKey);
            }
        }
        return batch;
    }

    /** Work of one transaction. */
    private interface Work {
        void run(WriteStatements to) throws SQLException, LostException;
    }

    private void transact(Work work) throws SQLException, LostException, InterruptedException {
        busySinceNs = Math.max(1, System.nanoTime());
        try {
            WriteStatements to = statements;
            if (to == null) {
                to = new WriteStatements(connections.open(), claim.epoch());
                statements = to;
            }
            changes.shorten(to.connection());
            to.begin();
            for (long key : toUndo) {
                to.undo(key);
            }
            work.run(to);
            to.commit();
            to.reruns().orphans().forEach(orphans::add);
        } catch (OutOfMemoryError e) {
            // Nobody knows what was committed, as after any other failure; it is tried again when others let go of
            // memory.
            throw noMemory;
        } finally {
            busySinceNs = 0;
        }
        toUndo.clear();
        isFailing = false;
        pace.committed(System.nanoTime());
        changes.committed();
        health.recovered(Health.Part.WRITER);
    }

    private void write(Batch batch) throws SQLException, LostException, InterruptedException {
        Retained[] after = {retained};
        transact(to -> {
            Retained.Change change = new Retained.Change();
            batch.writeTo(to, change);
            sweepExcess(to, change);
            after[0] = after(change, to);
        });
        retry = null;
        retained = after[0];
        Retained now = retained;
        loop.execute(() -> {
            onCommitted.accept(new Committed(now, batch.finished(), false));
            batch.tell();
        });
    }

    /**
     * Where far more is kept than should be, each batch forgets twice what it adds: under a lasting load housekeeping alone
     * does not keep up.
     */
    private void sweepExcess(WriteStatements to, Retained.Change change) throws SQLException {
        long tasks = change.applyTo(retained).tasks();
        long excess = tasks - retention.tasks();
        if (excess > TASKS_PER_SWEEP && change.added() > 0) {
            int atMost = (int) Math.min(excess, 2 * change.added());
            change.removed(to.sweep(retention, 0, tasks, atMost, BYTES_PER_SWEEP));
        }
    }

    private Retained after(Retained.Change change, WriteStatements to) throws SQLException {
        Retained after = change.applyTo(retained);
        return change.hasRemoved() ? new Retained(after.tasks(), to.oldestMs()) : after;
    }

    private void keepHouse() throws SQLException, LostException, InterruptedException {
        long nowMs = sweepTime();
        Retained[] after = {retained};
        int[] withoutOrphans = {0};
        transact(to -> {
            withoutOrphans[0] = orphans.deleteSome(to.connection());
            if (nowMs >= 0) {
                Retained.Change change = new Retained.Change();
                change.removed(to.sweep(retention, nowMs, retained.tasks(), TASKS_PER_SWEEP, BYTES_PER_SWEEP));
                after[0] = after(change, to);
            }
        });
        orphans.deleted(withoutOrphans[0]);
        retained = after[0];
        if (nowMs >= 0) {
            sweepDone();
            Retained now = retained;
            loop.execute(() -> onCommitted.accept(new Committed(now, List.of(), true)));
        }
    }

    private synchronized long sweepTime() {
        return sweepAtMs;
    }

    private synchronized void sweepDone() {
        sweepAtMs = -1;
    }

    private void end() throws SQLException, LostException, InterruptedException {
        transact(to -> {
            try (Statement close = to.connection().createStatement()) {
                close.executeUpdate("UPDATE epoch SET closed_ms = " + System.currentTimeMillis() + " WHERE number = "
                        + claim.epoch());
            }
        });
        isClosed = true;
    }

    private void failed(Batch batch, SQLException failure) throws InterruptedException {
        disconnect();
        isFailing = true;
        String why = "the data file cannot be written: " + failure.getMessage();
        health.failing(Health.Part.WRITER, why);
        List<Batch.GivenUp> newTasks = batch.giveUpNewTasks();
        newTasks.forEach(task -> toUndo.add(task.key()));
        retry = batch.isEmpty() ? null : batch;
        List<Write.Create> failedTasks = new ArrayList<>();
        newTasks.forEach(task -> failedTasks.add(task.create()));
        synchronized (this) {
            queue.removeIf(write -> write instanceof Write.Create create && failedTasks.add(create));
        }
        if (!failedTasks.isEmpty()) {
            failedTasks.forEach(create -> givenUp.add(create.id()));
            loop.execute(() -> failedTasks.forEach(create -> {
                create.failed().accept(why);
                add(new Write.FailureTold(create.id()));
            }));
        }
        waitToRetry();
    }

    private synchronized void waitToRetry() throws InterruptedException {
        if (isClosing) {
            LOG.error("the store is closed while it fails; what was not committed is lost");
            isClosed = true;
            return;
        }
        long untilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(retryAfterMs);
        retryAfterMs = Math.min(2 * retryAfterMs, tuning.longestRetryMs());
        for (long leftNs = untilNs - System.nanoTime();
                leftNs > 0 && !isClosing;
                leftNs = untilNs - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, leftNs);
        }
    }

    /** A connection on which something failed is not used any more: nobody knows in what state it is. */
    private void disconnect() {
        WriteStatements last = statements;
        statements = null;
        if (last != null) {
            try {
                last.close();
            } catch (SQLException e) {
                LOG.debug("closing a connection failed", e);
            }
        }
    }
}
