package io.divvy.server.session;

/**
 * On which terms a server holds its sessions.
 *
 * @param introduction what the server says of itself
 * @param heartbeatMs how often a protocol-2 worker has to show a sign of life
 * @param noTaskMs after how long without work a plain worker is told so
 * @param tasksPerSender tasks that one connection may wait for
 * @param idleSenderMs after how long a sender that says nothing and waits for nothing is disconnected
 */
public record SessionTerms(
        Introduction introduction, long heartbeatMs, long noTaskMs, int tasksPerSender, long idleSenderMs) {

    /**
     * Requests of one protocol-2 sender that look for a task and are not answered yet, from which on it is not read from until
     * half of them are. Look-ups of all senders share one queue, so this bounds what others wait behind; a commit of 10 ms
     * lets one connection submit 50,000 tasks a second under keys all the same.
     */
    static final int SEARCHES_OF_SENDER = 512;

    /** How long a worker that left is still there while foreign code looks at its last answers. */
    static final long LAST_ANSWERS_MS = 1_000;
}
