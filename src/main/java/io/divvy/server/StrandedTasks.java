package io.divvy.server;

import io.divvy.state.TaskId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Unfinished tasks that keep a server from starting, for one short message: one missing jar can strand thousands. */
final class StrandedTasks {
    private static final int MAX_REASONS = 3;
    private static final int MAX_REASON_CHARS = 400;

    /** The first reasons, with the tasks that they hold for. */
    private final Map<String, Group> byReason = new LinkedHashMap<>();

    private int count;
    private boolean canBeFailed = true;

    private static final class Group {
        final TaskId first;
        int count;

        Group(TaskId first) {
            this.first = first;
        }

        String text() {
            return "task " + first + (count == 1 ? "" : " and " + (count - 1) + " more");
        }
    }

    /** One that could also end as failed. */
    void add(TaskId task, String why) {
        count++;
        String reason = oneLine(why);
        if (byReason.size() < MAX_REASONS || byReason.containsKey(reason)) {
            byReason.computeIfAbsent(reason, first -> new Group(task)).count++;
        }
    }

    /** One that cannot even end. */
    void addEndless(TaskId task, String why) {
        canBeFailed = false;
        add(task, why);
    }

    int count() {
        return count;
    }

    StrandedTasksException toException() {
        List<String> groups = new ArrayList<>();
        int unnamed = count;
        for (Map.Entry<String, Group> group : byReason.entrySet()) {
            groups.add(group.getValue().text() + ": " + group.getKey());
            unnamed -= group.getValue().count;
        }
        if (unnamed > 0) {
            groups.add(unnamed + " more for other reasons");
        }
        return new StrandedTasksException(
                count + (count == 1 ? " unfinished task" : " unfinished tasks") + " cannot go on: "
                        + String.join(". Also ", groups)
                        + ". No task was changed. Put in place what they need, such as the jars of their task types as they"
                        + " were, and start again",
                canBeFailed);
    }

    private static String oneLine(String why) {
        String line = why.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= MAX_REASON_CHARS ? line : line.substring(0, MAX_REASON_CHARS) + "…";
    }
}
