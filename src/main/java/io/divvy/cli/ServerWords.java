package io.divvy.cli;

/** Puts commands in the place of what a server names to its clients: requests over HTTP, and fields of messages. */
final class ServerWords {
    private static final String ID = "([A-Za-z0-9._-]+)";

    private ServerWords() {}

    static String asCommands(String detail) {
        return detail.replaceFirst("^task_id: ", "")
                .replaceFirst("^query parameter (state|type|label|limit): ", "--$1: ")
                .replaceAll(
                        "its result is here once it is completed: GET /tasks/" + ID + "\\?wait=\\d+ waits for that",
                        "\"divvy wait $1\" waits for its result")
                .replaceAll("POST /tasks/" + ID + "/cancel", "\"divvy cancel $1\"")
                .replace("GET /workers lists", "\"divvy workers\" lists");
    }
}
