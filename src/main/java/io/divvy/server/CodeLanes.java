package io.divvy.server;

import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.protocol.TaskObject;
import io.divvy.task.TaskTypes;

/** Where the code of task types runs. On the loop, but for what says otherwise. */
interface CodeLanes {
    /** The types that this server has. */
    TaskTypes types();

    /** The lanes for one task. */
    TaskLanes of(TaskObject task);

    /** Runs code in a lane, and waits for it. Not on the loop, and before there is one. */
    <T> Outcome<T> await(TypeLane lane, Guard.Code<T> code);
}
