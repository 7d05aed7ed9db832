package io.divvy.server;

import io.divvy.state.TaskId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known outside of the core of tasks that have not ended, and of those that wait to be accepted. On the loop. */
final class TaskWorks {
    private final Map<TaskId, TaskWork> works = new HashMap<>();
    private final AnswerRoom answers;

    /** @param answers hears of what is folded of a task as it begins */
    TaskWorks(AnswerRoom answers) {
        this.answers = answers;
    }

    void add(TaskId id, TaskWork work) {
        works.put(id, work);
        if (work.folding().sizeBytes() > 0) {
            answers.folded(id, work.folding().sizeBytes());
        }
    }

    /** The core has not taken the task. */
    void refuse(TaskId id) {
        works.remove(id);
        answers.release(id);
    }

    void remove(TaskId id) {
        works.remove(id);
    }

    @Nullable
    TaskWork find(TaskId id) {
        return works.get(id);
    }

    /** Of a task that is there. */
    TaskWork get(TaskId id) {
        TaskWork work = works.get(id);
        if (work == null) {
            throw new IllegalStateException("task " + id + " is not known");
        }
        return work;
    }

    int count() {
        return works.size();
    }
}
