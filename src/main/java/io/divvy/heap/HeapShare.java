package io.divvy.heap;

/**
 * What clients of a server can make grow, and how much of the heap each of it may take. Every bound in bytes is one of these,
 * or a part of one, so that all of them together leave room for what is only there for a moment: the tree of a message that
 * is read, an answer that is written out, and what the collector has not found yet.
 *
 * <p>With {@code --store sqlite} the shares are about two thirds of the heap together, with {@code --store memory} seven
 * tenths; {@code HeapLimitsTest} adds them up. In a heap of less than 128 MiB the least that some need makes it more.
 */
public enum HeapShare {
    /** Unfinished tasks with their params and payloads. */
    OPEN_TASKS(17, 0, Long.MAX_VALUE),
    /** Leases of workers, and what is remembered of those that ended, and of how each worker gets on. */
    LEASES(3, 0, Long.MAX_VALUE),
    /** What is known of single subtasks: open chunks beside the first of each task, gaps between what is done, failures. */
    SUBTASKS(3, 0, Long.MAX_VALUE),
    /** Separate ranges of failed subtasks, in tasks that go on without them. */
    FAILED_RANGES(1, 0, Long.MAX_VALUE),
    /** What is remembered of failed attempts of unfinished tasks. */
    FAILURES(1, 0, Long.MAX_VALUE),
    /**
     * Those who wait for unfinished tasks, beside the first of each task, which is among the above, and what plain senders
     * will be told after the ends of such tasks.
     */
    WATCHERS(1, 0, Long.MAX_VALUE),
    /** Submissions that are not unfinished tasks yet, as it is looked up whether their key is known. */
    SUBMISSIONS(2, 0, Long.MAX_VALUE),
    /** Of whom and what is known that workers died. */
    DEATHS(1, 0, Long.MAX_VALUE),
    /** What was folded of the results of unfinished tasks, and the answers that are not saved yet. */
    ANSWERS(14, 0, Long.MAX_VALUE),
    /** Results that came before those below them, and cannot be folded yet. */
    EARLY_RESULTS(6, 0, 128L << 20),
    /** Results that are not durable yet. Most of them are among those above, too. */
    UNSAVED_RESULTS(4, 0, 64L << 20),
    /** Finished tasks of {@code --store memory}. */
    FINISHED_TASKS(12, 0, 256L << 20),
    /** Open connections, with what there is of a worker that holds nothing. */
    CONNECTIONS(4, 0, Long.MAX_VALUE),
    /** What connected workers say of themselves. */
    DECLARED_TYPES(4, 0, 128L << 20),
    /** One message as a tree, for as long as it is read. At least four times the largest frame. */
    MESSAGE(16, 16L << 20, Long.MAX_VALUE),
    /** Frames that have begun to come. At least one of the largest. */
    PARTIAL_FRAMES(4, 4L << 20, Long.MAX_VALUE),
    /** Frames that wait for their peers. At least two of the largest. */
    OUTBOUND_FRAMES(8, 8L << 20, Long.MAX_VALUE),
    /** Bodies of HTTP requests that have begun to come. At least one of the largest. */
    BODIES(4, 4L << 20, 64L << 20),
    /** Replies that wait for slow HTTP clients. */
    REPLIES(4, 8L << 20, Long.MAX_VALUE),
    /** Results that are read from the disk for somebody. */
    RESULT_READS(4, 8L << 20, Long.MAX_VALUE),
    /** Which finished tasks of {@code --store sqlite} have ids with what ends. */
    ID_ENDS(1, 0, Long.MAX_VALUE),
    /**
     * What waits for the code of one task type that does not ship. Each such type has its own, and so have the large results
     * of all others together.
     */
    TYPE_CODE(4, 0, 64L << 20),
    /** Payloads of one such type that are made before they are needed. */
    PAYLOADS_AHEAD(2, 0, 16L << 20);

    /** Of this many parts of the heap each has some. */
    private static final long PARTS = 128;

    private final int parts;
    private final long leastBytes;
    private final long mostBytes;

    HeapShare(int parts, long leastBytes, long mostBytes) {
        this.parts = parts;
        this.leastBytes = leastBytes;
        this.mostBytes = mostBytes;
    }

    /** Its bytes of a heap of so many. */
    public long of(long heapBytes) {
        return Math.max(leastBytes, Math.min(mostBytes, heapBytes / PARTS * parts));
    }

    /** Its bytes of the heap of this process. */
    public long ofThisHeap() {
        return of(Runtime.getRuntime().maxMemory());
    }
}
