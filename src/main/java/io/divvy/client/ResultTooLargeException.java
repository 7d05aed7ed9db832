package io.divvy.client;

/** The task completed, and its result is larger than a message; it can be read over HTTP. */
public final class ResultTooLargeException extends TaskFailedException {
    private static final long serialVersionUID = 1;

    private final String path;

    ResultTooLargeException(String taskId, String path) {
        super(
                "task " + taskId
                        + " completed, but its result is larger than a message of the protocol; read it from the"
                        + " server's HTTP port: GET " + path,
                null);
        this.path = path;
    }

    /** Where it is on the server's HTTP port, for instance {@code /tasks/<id>/result}. */
    public String path() {
        return path;
    }
}
