package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What the HTTP API says of how a task goes, beyond its reports of progress. */
final class TaskCourse {
    /** Reasons that do not go away by themselves. */
    private static final Set<String> UNTAKEN = Set.of("no_worker");

    private final RestClient rest;
    private final String path;

    TaskCourse(URI api, String taskId) {
        this.rest = new RestClient(api);
        this.path = TaskIdParameters.path(taskId);
    }

    /** Why nobody takes any of it, each in a sentence; none if that is a matter of time. */
    List<String> whyUntaken() throws IOException, InterruptedException, RequestRefusedException {
        List<String> why = new ArrayList<>();
        for (JsonNode reason : reasons()) {
            if (UNTAKEN.contains(reason.path("reason").asText())) {
                why.add(reason.path("message").asText());
            }
        }
        return why;
    }

    /** How much was tried again, and who is at it; for a line of progress. */
    String more() throws IOException, InterruptedException, RequestRefusedException {
        List<String> more = new ArrayList<>();
        long retries = rest.get(path).path("retries").longValue();
        if (retries > 0) {
            more.add(retries + " retried");
        }
        for (JsonNode reason : reasons()) {
            if (reason.path("reason").asText().equals("running")) {
                int workers = reason.path("workers").intValue();
                more.add(workers + (workers == 1 ? " worker" : " workers"));
            }
        }
        return String.join(", ", more);
    }

    private JsonNode reasons() throws IOException, InterruptedException, RequestRefusedException {
        return rest.get(path + "/explain").path("reasons");
    }
}
