package io.divvy.server.session;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ResultValues;
import java.util.ArrayList;
import java.util.List;

/** Parts the results that a task can combine from those that it cannot. */
final class ResultSorting {
    private ResultSorting() {}

    /** Takes results of neighbours that can be combined. */
    interface Run {
        void take(long from, ResultValues values);
    }

    /** Takes what is wrong with the result of one subtask. */
    interface Complaint {
        void about(long index, String message);
    }

    static void sort(OpenTask task, long resultsFrom, ResultValues values, Run good, Complaint bad) {
        List<JsonNode> run = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            JsonNode value = values.get(i);
            String complaint = task.complaint(value);
            if (complaint == null) {
                run.add(value);
                continue;
            }
            if (!run.isEmpty()) {
                good.take(resultsFrom + i - run.size(), ResultValues.of(run));
                run = new ArrayList<>();
            }
            bad.about(resultsFrom + i, cannotCombine(complaint, value));
        }
        if (run.size() == values.size()) {
            good.take(resultsFrom, values);
        } else if (!run.isEmpty()) {
            good.take(resultsFrom + values.size() - run.size(), ResultValues.of(run));
        }
    }

    static String cannotCombine(String complaint, JsonNode value) {
        return "the result cannot be combined: " + complaint + ", got " + Json.describe(value);
    }
}
