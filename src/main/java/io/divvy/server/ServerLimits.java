package io.divvy.server;

import io.divvy.heap.HeapShare;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.server.session.Introduction;
import io.divvy.server.session.SessionTerms;
import java.util.function.Consumer;

/**
 * The bounds of what sits between the wire and the core, with units in their names.
 *
 * @param assignBytes payloads that are sent with one lease; larger leases are cut, so that the loop never encodes for long
 * @param payloadBytes of one subtask: what fits into a frame beside the rest of the message
 * @param submissionBytes of submissions whose key is looked up; one that is alone may have more
 * @param answerBytes what may be kept of the results of one task for its answer
 * @param allAnswerBytes the same of all tasks together
 * @param inlineResultBytes of a result that a view of its task still carries; a larger one is to be fetched by itself
 * @param pageResultBytes of the results in one page of a list; beyond it the page is cut short
 * @param heartbeatMs how often a protocol-2 worker has to show a sign of life
 * @param noTaskMs after how long without work a plain worker is told so: often enough for clients that wait 35 s for a
 *     message, and not more often, as the plain client sleeps for a second on each
 * @param tasksPerSender tasks that one connection may wait for. Beyond it a plain sender is not read from, and a protocol-2
 *     sender is told that it has to wait
 * @param watcherBytes what those take who wait for unfinished tasks that somebody waits for already, and answers of plain
 *     senders that wait for those before them
 * @param idleSenderMs after how long a sender that says nothing and waits for nothing is disconnected
 * @param declaredTypeBytes what the task types that all connected workers name may take together: one that would exceed it
 *     is refused
 * @param types of the code of task types that do not ship
 */
public record ServerLimits(
        int assignBytes,
        int payloadBytes,
        long submissionBytes,
        long answerBytes,
        long allAnswerBytes,
        long inlineResultBytes,
        long pageResultBytes,
        long heartbeatMs,
        long noTaskMs,
        int tasksPerSender,
        long watcherBytes,
        long idleSenderMs,
        long declaredTypeBytes,
        TypeLimits types) {

    /**
     * Beginnings and ends of tasks on their way to the store, beyond which connections that are new or send much are not read
     * from: what others wait behind. At the 40,000 tasks/s that the store takes at most there are 80 a millisecond, so this
     * is 13 ms of them. What is committed and what gathers meanwhile fit into it while a commit takes 6 ms, ten times what it
     * takes on a disk that keeps up with 1,600 of them a second; on a slower one it bounds the rate of who sends much.
     */
    static final int WRITES_UNDER_WAY = 1_024;

    /** After how long who cancels a task is told that its end is not durable yet: before most clients give up. */
    static final long CANCEL_ANSWER_MS = 3_000;

    /** A disk that is full is seldom empty again within a second. */
    static final long CANCEL_RETRY_MS = 5_000;

    /** What suits this process: {@link #forHeap} of the memory that it may use. */
    public static final ServerLimits DEFAULT = forHeap(Runtime.getRuntime().maxMemory());

    /** Those that sessions keep to. */
    SessionTerms sessions(Introduction introduction) {
        return new SessionTerms(introduction, heartbeatMs, noTaskMs, tasksPerSender, idleSenderMs);
    }

    /** The usual limits for a heap of so many bytes. */
    public static ServerLimits forHeap(long heapBytes) {
        return new Draft(heapBytes).finish();
    }

    /** The same limits but for those that are changed. */
    public ServerLimits with(Consumer<Draft> changes) {
        Draft draft = new Draft(this);
        changes.accept(draft);
        return draft.finish();
    }

    /** Limits that are made up, by name. Those that follow from nothing have their usual values here. */
    public static final class Draft {
        public int assignBytes = 1 << 18;
        public int payloadBytes = ProtocolLimits.MAX_FRAME_BYTES - 4_096;
        public long submissionBytes;
        public long answerBytes;
        public long allAnswerBytes;
        public long inlineResultBytes = 1L << 20;
        public long pageResultBytes = 4L << 20;
        public long heartbeatMs = ProtocolLimits.HEARTBEAT_MS;
        public long noTaskMs = 20_000;
        public int tasksPerSender = 10_000;
        public long watcherBytes;
        public long idleSenderMs = 15 * 60_000;
        public long declaredTypeBytes;
        public TypeLimits types;

        private Draft(long heapBytes) {
            submissionBytes = HeapShare.SUBMISSIONS.of(heapBytes);
            answerBytes = Math.min(256L << 20, HeapShare.ANSWERS.of(heapBytes));
            allAnswerBytes = HeapShare.ANSWERS.of(heapBytes);
            watcherBytes = HeapShare.WATCHERS.of(heapBytes);
            declaredTypeBytes = HeapShare.DECLARED_TYPES.of(heapBytes);
            types = TypeLimits.forHeap(heapBytes);
        }

        private Draft(ServerLimits usual) {
            assignBytes = usual.assignBytes;
            payloadBytes = usual.payloadBytes;
            submissionBytes = usual.submissionBytes;
            answerBytes = usual.answerBytes;
            allAnswerBytes = usual.allAnswerBytes;
            inlineResultBytes = usual.inlineResultBytes;
            pageResultBytes = usual.pageResultBytes;
            heartbeatMs = usual.heartbeatMs;
            noTaskMs = usual.noTaskMs;
            tasksPerSender = usual.tasksPerSender;
            watcherBytes = usual.watcherBytes;
            idleSenderMs = usual.idleSenderMs;
            declaredTypeBytes = usual.declaredTypeBytes;
            types = usual.types;
        }

        private ServerLimits finish() {
            return new ServerLimits(
                    assignBytes,
                    payloadBytes,
                    submissionBytes,
                    answerBytes,
                    allAnswerBytes,
                    inlineResultBytes,
                    pageResultBytes,
                    heartbeatMs,
                    noTaskMs,
                    tasksPerSender,
                    watcherBytes,
                    idleSenderMs,
                    declaredTypeBytes,
                    types);
        }
    }
}
