package io.divvy.rest;

import io.divvy.heap.HeapShare;
import io.divvy.protocol.ProtocolLimits;

/** Every bound of the HTTP API, with its unit in its name. {@link #with} makes one that differs from the defaults. */
public final class RestLimits {
    /** Of the connections, one in so many is never held. */
    private static final int NOT_HELD_PART = 5;

    public static final RestLimits DEFAULT = with().build();

    private final Builder values;

    private RestLimits(Builder values) {
        this.values = values;
    }

    /** The defaults, to be changed by name. */
    public static Builder with() {
        return new Builder();
    }

    /** Threads of Jetty, which accept, read and write. Nothing that takes long or blocks runs on them. */
    int threads() {
        return values.threads;
    }

    /** Threads that make answers: they read what is stored and write JSON. */
    int answerThreads() {
        return values.answerThreads;
    }

    /** Views of single tasks that are made at once; the others wait their turn. Each may have a result in memory. */
    int viewsAtOnce() {
        return values.viewsAtOnce;
    }

    /** Pages of lists, and bare results, that are made at once. */
    int pagesAtOnce() {
        return values.pagesAtOnce;
    }

    /** Connections open at once. For one more, the one that has had nothing to do for the longest is closed. */
    int connections() {
        return values.connections;
    }

    /** Answers that are held until a task ends: fewer than connections, so that others can always be answered. */
    int heldAnswers() {
        return values.heldAnswers;
    }

    /** How often it is looked whether the clients of held answers are still there. */
    long sweepMs() {
        return values.sweepMs;
    }

    /** Bytes of replies that wait for slow clients, of all together; beyond it the one that waits the longest is cut off. */
    long replyBytes() {
        return values.replyBytes;
    }

    /** After how long a connection is closed on which nothing happens; a held answer does not count as idle. */
    long idleMs() {
        return values.idleMs;
    }

    /** Bytes of one request's body, as many as a frame of the TCP protocol may have. */
    int bodyBytes() {
        return values.bodyBytes;
    }

    /** Bytes of all bodies that are on their way; beyond it their senders are told to come back. */
    long bufferedBodyBytes() {
        return values.bufferedBodyBytes;
    }

    /** Seconds that an answer may be held for a task to end. */
    int waitSeconds() {
        return values.waitSeconds;
    }

    /** The server's time to answer anything else; then the sender is told, and does not wait in vain. */
    long answerMs() {
        return values.answerMs;
    }

    /** The loop's time to take a turn before the server is not ready: a load balancer asks often and waits a second. */
    long readyMs() {
        return values.readyMs;
    }

    /** For answers on their way when the server closes. */
    long stopMs() {
        return values.stopMs;
    }

    /** Bounds that are named when they are set. */
    public static final class Builder {
        private int threads = 16;
        private int answerThreads = 4;
        private int viewsAtOnce = 16;
        private int pagesAtOnce = 4;
        private int connections = 2_000;
        private int heldAnswers = Integer.MAX_VALUE;
        private long sweepMs = 1_000;
        private long replyBytes = HeapShare.REPLIES.ofThisHeap();
        private long idleMs = 60_000;
        private int bodyBytes = ProtocolLimits.MAX_FRAME_BYTES;
        private long bufferedBodyBytes = HeapShare.BODIES.ofThisHeap();
        private int waitSeconds = 300;
        private long answerMs = 30_000;
        private long readyMs = 800;
        private long stopMs = 1_000;

        private Builder() {}

        public Builder connections(int atMost) {
            connections = atMost;
            return this;
        }

        public Builder heldAnswers(int atMost) {
            heldAnswers = atMost;
            return this;
        }

        public Builder sweepMs(long everyMs) {
            sweepMs = everyMs;
            return this;
        }

        public Builder replyBytes(long atMost) {
            replyBytes = atMost;
            return this;
        }

        public Builder idleMs(long afterMs) {
            idleMs = afterMs;
            return this;
        }

        public Builder bodyBytes(int atMost) {
            bodyBytes = atMost;
            return this;
        }

        public Builder bufferedBodyBytes(long atMost) {
            bufferedBodyBytes = atMost;
            return this;
        }

        public Builder answerMs(long atMost) {
            answerMs = atMost;
            return this;
        }

        public Builder readyMs(long atMost) {
            readyMs = atMost;
            return this;
        }

        public Builder stopMs(long atMost) {
            stopMs = atMost;
            return this;
        }

        public RestLimits build() {
            return new RestLimits(copy());
        }

        private Builder copy() {
            Builder copy = new Builder();
            copy.threads = threads;
            copy.answerThreads = answerThreads;
            copy.viewsAtOnce = viewsAtOnce;
            copy.pagesAtOnce = pagesAtOnce;
            copy.connections = connections;
            copy.heldAnswers = Math.min(heldAnswers, connections - connections / NOT_HELD_PART);
            copy.sweepMs = sweepMs;
            copy.replyBytes = replyBytes;
            copy.idleMs = idleMs;
            copy.bodyBytes = bodyBytes;
            copy.bufferedBodyBytes = bufferedBodyBytes;
            copy.waitSeconds = waitSeconds;
            copy.answerMs = answerMs;
            copy.readyMs = readyMs;
            copy.stopMs = stopMs;
            return copy;
        }
    }
}
