package io.divvy.cli;

import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.task.TaskTypes;

/** The task types that ship, and those of other jars on the class path. */
final class InstalledTypes {
    private InstalledTypes() {}

    /** @throws UsageException if one of them cannot be made, or has no name */
    static TaskTypes load() throws UsageException {
        Outcome<TaskTypes> types = Guard.call(TaskTypes::installed);
        if (types instanceof Outcome.Returned<TaskTypes> returned) {
            return returned.value();
        }
        throw new UsageException("the task types on the class path cannot be taken up; mend or remove the jar: "
                + ((Outcome.Failed<TaskTypes>) types).failure());
    }
}
