package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;

/** A task has ended without a result. The message says which task, and why. */
final class NoResultException extends Exception {
    private static final long serialVersionUID = 1;

    private NoResultException(String message) {
        super(message);
    }

    /** @param why as the server has it */
    static NoResultException failed(String taskId, String why) {
        return new NoResultException("task " + taskId + " failed: " + why);
    }

    static NoResultException cancelled(String taskId) {
        return new NoResultException("task " + taskId + " was cancelled");
    }

    /** @param task as the HTTP API has it, failed or cancelled */
    static NoResultException of(JsonNode task) {
        String id = task.path("id").asText();
        return task.path("state").asText().equals("failed")
                ? failed(id, task.path("error").path("message").asText())
                : cancelled(id);
    }
}
