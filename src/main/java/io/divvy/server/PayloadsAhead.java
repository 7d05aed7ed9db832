package io.divvy.server;

import io.divvy.protocol.JsonArrayText;
import io.divvy.task.Subtasks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Payloads that foreign code makes, one lease ahead: while workers are at one, those of the next are made, so that no worker
 * waits for slow code. All but {@link #end} is to be used in the lane of the task.
 */
final class PayloadsAhead {
    /** After so long a lease goes out with what is made by then: its worker waits. */
    private static final long LONGEST_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Subtasks subtasks;
    private final ByteBudget budget;
    /** Written out, of the indexes from {@code next} on. */
    private final Deque<String> ahead = new ArrayDeque<>();

    private long next;

    // Guarded by this.
    private long taken;
    private boolean hasEnded;

    PayloadsAhead(Subtasks subtasks, ByteBudget budget) {
        this.subtasks = subtasks;
        this.budget = budget;
    }

    /** The payloads from {@code from} on, as many up to {@code to} as fit; fewer where they take long. */
    PayloadText take(long from, long to, int mostBytes) throws IOException {
        while (from > next && !ahead.isEmpty()) {
            poll(); // What is leased for the first time only goes up; it went further than these.
            next++;
        }
        if (from > next) {
            next = from;
        }
        long startNs = System.nanoTime();
        JsonArrayText array = new JsonArrayText(mostBytes);
        int count = 0;
        for (long index = from; index < to; index++) {
            if (count > 0 && System.nanoTime() - startNs > LONGEST_NS) {
                break;
            }
            String made = index == next ? ahead.peek() : null;
            if (!array.addWritten(made == null ? write(index) : made)) {
                break;
            }
            count++;
            if (index == next) {
                if (made != null) {
                    poll();
                }
                next++;
            }
        }
        return PayloadText.of(array, count);
    }

    /** Makes as many as there were in the last lease, for the next one, as far as there is room for them. */
    void make(long count) throws IOException {
        while (ahead.size() < count && next + ahead.size() < subtasks.count()) {
            String written = write(next + ahead.size());
            if (!reserve(written.length())) {
                return;
            }
            ahead.add(written);
        }
    }

    private String write(long index) {
        return new String(ForeignJson.write("payload", subtasks.payload(index)), StandardCharsets.UTF_8);
    }

    private void poll() {
        giveBack(ahead.remove().length());
    }

    private synchronized boolean reserve(long bytes) {
        if (hasEnded || !budget.take(bytes)) {
            return false;
        }
        taken += bytes;
        return true;
    }

    private synchronized void giveBack(long bytes) {
        if (!hasEnded) {
            taken -= bytes;
            budget.giveBack(bytes);
        }
    }

    /** Nobody needs any more. From any thread. */
    synchronized void end() {
        if (!hasEnded) {
            hasEnded = true;
            budget.giveBack(taken);
        }
    }
}
