package io.divvy.task.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;

/** A subtask's result depends on its payload alone, and a cancelled subtask ends. */
final class ProcessCheck {
    /** Subtasks of an example that are done three times. */
    private static final long MOST = 20;

    private final Trial trial;

    ProcessCheck(Trial trial) {
        this.trial = trial;
    }

    void check() {
        Subtasks subtasks = trial.split(null);
        for (long index = 0; index < Math.min(MOST, subtasks.count()); index++) {
            JsonNode payload = subtasks.payload(index);
            JsonNode received = trial.overTheWire(payload);
            String result = trial.process(payload, index).toString();
            requireSame(index, "for its payload as it was read from JSON", result, trial.process(received, index));
            requireSame(index, "the second time", result, trial.process(payload, index));
            checkCancelled(payload, index);
        }
    }

    private void requireSame(long index, String when, String result, JsonNode other) {
        if (!result.equals(other.toString())) {
            throw trial.wrong("process of subtask " + index + " gave " + cut(result) + ", and " + when + " "
                    + cut(other.toString()));
        }
    }

    /** Either it is too short to ask, or it lets the interruption through. */
    private void checkCancelled(JsonNode payload, long index) {
        try {
            trial.type().process(payload, new Cancelled(index));
        } catch (InterruptedException e) {
            // As it should be; nobody interrupted this thread, so there is nothing to restore.
            return;
        } catch (Exception e) {
            throw trial.wrong(
                    "process of subtask " + index
                            + " was cancelled; expected the InterruptedException of checkCancelled to get through",
                    e);
        }
    }

    private static String cut(String text) {
        return text.length() <= 300 ? text : text.substring(0, 300) + "…";
    }

    private record Cancelled(long index) implements TaskContext {
        @Override
        public void checkCancelled() throws InterruptedException {
            throw new InterruptedException("the subtask is cancelled");
        }
    }
}
