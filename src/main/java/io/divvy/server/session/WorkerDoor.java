package io.divvy.server.session;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ToWorker;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** How the core's effects reach one worker, whatever dialect it speaks. */
public interface WorkerDoor {
    /** Before a task's first lease. */
    void describe(ToWorker.TaskDescription task);

    /** @param payloads null for a type that the worker derives */
    void assign(long lease, String taskId, long from, long to, ToWorker.@Nullable PayloadArray payloads);

    void revoke(long lease, long from);

    void cancelLease(long lease);

    /** @param lease null for an offer */
    void acknowledge(@Nullable Long lease, String taskId, long from, long to);

    void cancelWork(String taskId);

    void forget(String taskId);

    /**
     * Asks the worker to finish what it has started and to leave.
     *
     * @param reconnect whether it may come back: the server stops, and the next one may want it
     */
    void goAway(boolean reconnect);

    /** Where the worker connects from. */
    @Nullable
    InetSocketAddress address();

    void refuse(ErrorCode code, String message);

    void drop(String reason);

    /** The same worker is here on another connection. It did not die; what it held over this one is given back at once. */
    void supersede();
}
