package io.divvy.rest;

import io.divvy.protocol.ProtocolLimits;

/**
 * Every bound of the HTTP door, with its unit in its name.
 *
 * @param threads of Jetty, which accept, read, write and answer; who waits for a task or for a slow client holds none
 * @param connections open at once; at the limit no more are accepted until one closes
 * @param idleMs after how long a connection is closed on which nothing happens; a held answer does not count as idle
 * @param bodyBytes of one request, as many as a frame of the TCP door may have
 * @param bufferedBodyBytes of all requests whose bodies are on their way; beyond it they are told to come back
 * @param waitSeconds that an answer may be held for a task to end
 * @param answerMs for the server to answer anything else; then the sender is told, and does not wait in vain
 * @param readyMs for the loop to take a turn; a load balancer asks often and cannot wait for long
 * @param stopMs for answers on their way when the door closes
 */
public record RestLimits(
        int threads,
        int connections,
        long idleMs,
        int bodyBytes,
        long bufferedBodyBytes,
        int waitSeconds,
        long answerMs,
        long readyMs,
        long stopMs) {

    public static final RestLimits DEFAULT =
            new RestLimits(16, 2_000, 60_000, ProtocolLimits.MAX_FRAME_BYTES, 64L << 20, 300, 30_000, 2_000, 1_000);
}
