package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the HTTP API says of how a task goes, beyond its reports of progress. */
final class TaskCourse {
    /** Reasons that do not go away by themselves. */
    private static final Set<String> UNTAKEN = Set.of("no_worker");

    private static final Logger LOG = LoggerFactory.getLogger(TaskCourse.class);

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

    /** Tells how much was tried again, and how many are at it; nothing new while the server is away. */
    void tell(ProgressLine progress) throws InterruptedException {
        try {
            long retries = rest.get(path).path("retries").longValue();
            int workers = 0;
            for (JsonNode reason : reasons()) {
                if (reason.path("reason").asText().equals("running")) {
                    workers = reason.path("workers").intValue();
                }
            }
            progress.add(retries, workers);
        } catch (IOException | RequestRefusedException e) {
            LOG.debug("nothing is known of how {} goes: {}", path, e.getMessage());
        }
    }

    private JsonNode reasons() throws IOException, InterruptedException, RequestRefusedException {
        return rest.get(path + "/explain").path("reasons");
    }
}
