package io.divvy.attack;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * How those who mean well were served for a while. A latency counts from when a request was due, whatever became of those
 * before it: so a server that stands still for a second shows in all that was due in that second.
 */
final class Service {
    private final Histogram tcpMicros = new Histogram(3);
    private final Histogram httpMicros = new Histogram(3);
    private final List<String> failures = new ArrayList<>();
    private long refused;

    synchronized void tcp(long dueNanos, long atNanos) {
        tcpMicros.recordValue(Math.max(0, atNanos - dueNanos) / 1_000);
    }

    synchronized void http(long dueNanos, long atNanos) {
        httpMicros.recordValue(Math.max(0, atNanos - dueNanos) / 1_000);
    }

    /** The server said {@code busy}; how long that took counts like any answer. */
    synchronized void refuse() {
        refused++;
    }

    /** @param what must not be, in one line */
    synchronized void fail(String what) {
        failures.add(what);
    }

    /** From a submission over TCP to the answer of the task. */
    synchronized Histogram tcpMicros() {
        return tcpMicros.copy();
    }

    /** From a submission over HTTP to its acceptance. */
    synchronized Histogram httpMicros() {
        return httpMicros.copy();
    }

    synchronized long refused() {
        return refused;
    }

    /** Of all that was asked for. */
    synchronized double refusedShare() {
        return refused / (double) Math.max(1, tcpMicros.getTotalCount() + httpMicros.getTotalCount());
    }

    synchronized List<String> failures() {
        return List.copyOf(failures);
    }
}
