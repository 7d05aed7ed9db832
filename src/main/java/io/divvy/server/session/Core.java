package io.divvy.server.session;

import io.divvy.scheduler.Event;
import io.divvy.scheduler.WorkerId;
import io.divvy.state.TaskId;
import org.jspecify.annotations.Nullable;

/** The core, as sessions see it. On the loop's thread. */
public interface Core {
    /** Something that a peer said or did. An exception is the session's: that peer is let go. */
    void handle(Event event);

    /** The task that a lease of a worker belongs to; null if it is not known any more or does not hold these indexes. */
    @Nullable
    TaskId taskOf(WorkerId worker, long lease, long from, long to);
}
