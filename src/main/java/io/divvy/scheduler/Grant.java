package io.divvy.scheduler;

import io.divvy.scheduler.TaskState.Cut;

/** What a worker is to get: a choice of the {@link Dispatcher}, of which the {@link LeaseBook} makes a lease. */
record Grant(WorkerView worker, TaskState task, Cut cut, Kind kind) {
    enum Kind {
        USUAL,
        /** Indexes that another worker holds as well: the first result counts. */
        COPY,
        /** One suspect, to a worker that holds nothing else. */
        TRIAL
    }
}
