package io.divvy.protocol;

/** The sizes that the wire protocol fixes. */
public final class ProtocolLimits {
    /** A frame's length that fits the buffers of small machines and holds tens of thousands of small results. */
    public static final int MAX_FRAME_BYTES = 4 << 20;

    /** Deeper JSON is a mistake or an attack on the stack. */
    public static final int MAX_JSON_DEPTH = 100;

    /** Digits of one number; larger ones cost quadratic time to read. */
    public static final int MAX_NUMBER_DIGITS = 1_000;

    /**
     * An exponent of ten, up or down. Numbers stay in the characters in which they came; but whoever computes with one or
     * writes it out in full needs as many digits, which this keeps cheap. The largest of IEEE 754, decimal128, is 6,144.
     */
    public static final int MAX_NUMBER_EXPONENT = 100_000;

    /** Leases and indexes are exact in any language: every whole number up to it is a double. */
    public static final long MAX_EXACT_NUMBER = (1L << 53) - 1;

    /** Params go to workers in one message, beside a few hundred bytes of their own. */
    public static final int MAX_PARAMS_BYTES = MAX_FRAME_BYTES - 4_096;

    /** Params or payloads of which the view of a task shows the text; of longer ones it shows how long they are. */
    public static final int MAX_SHOWN_INPUT_BYTES = 4_096;

    /** Names, keys, labels: long enough for a path, short enough to log. */
    public static final int MAX_NAME_CHARS = 200;

    /** By which a worker is known again: a UUID is 36 characters, a hash of 256 bits 64. */
    public static final int MAX_INSTANCE_CHARS = 64;

    public static final int MAX_LABELS = 32;

    /** Ids that a sender may choose itself. */
    public static final String TASK_ID_PATTERN = "[A-Za-z0-9._-]{1,64}";

    /** Names of task types. */
    public static final String TASK_TYPE_PATTERN = "[A-Za-z0-9._-]{1,100}";

    /** Subtasks that a worker may run at once, and hold. */
    public static final int MAX_SLOTS = 10_000;

    public static final int MAX_CREDIT = 1_000_000;

    public static final int MAX_TASK_TYPES = 1_000;

    /** How often a protocol-2 worker shows a sign of life. */
    public static final long HEARTBEAT_MS = 5_000;

    /**
     * How long a server that sends heartbeats may be silent until workers and senders give their connection up: six of its
     * heartbeats, so that a server that was stopped for a while is waited for.
     */
    public static final long SERVER_SILENCE_MS = 30_000;

    private ProtocolLimits() {}
}
