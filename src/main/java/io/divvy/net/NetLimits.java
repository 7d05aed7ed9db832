package io.divvy.net;

import io.divvy.heap.HeapShare;
import java.util.function.Consumer;

/**
 * Every bound of the event loop, with its unit in its name.
 *
 * @param maxFrameBytes a longer frame is refused before anything is allocated for it
 * @param firstFrameBytes the same for the first frame of a connection: who has not said who it is gets little room
 * @param partialFrameBytes that the incomplete frames of all connections may take together, and large ones half of that;
 *     beyond it connections whose frame would grow are not read from, but for one, so that this one's frame comes to its end
 * @param connections open at once, as many as the heap has room for; at the limit no more are accepted until one closes
 * @param handshakeTimeoutMs for the first frame of a connection: who says nothing holds a place for no longer
 * @param frameTimeoutMs for the next byte of a frame that has begun
 * @param frameLongestMs for the whole of a frame that has begun: who sends it byte by byte holds its room for no longer
 * @param writeTimeoutMs for a peer to take any byte of what waits for it
 * @param lingerMs for a peer to read the last message and close its side
 * @param muteAboveBytes outbound bytes above which a peer is not read from any more
 * @param unmuteBelowBytes outbound bytes below which it is read from again
 * @param outboundBytes outbound bytes above which a peer that does not read is disconnected
 * @param allOutboundBytes outbound bytes of all connections together above which the peer for which the most waits is
 *     disconnected
 * @param sendBufferBytes that the system keeps for each connection; 0 leaves that to the system
 * @param readBufferBytes of the one buffer that all connections are read into
 * @param mailboxEntries tasks from other threads that wait for the loop; beyond it those who can wait are refused
 * @param spinMicros to look for work before sleeping while work usually comes within that time; 0 to sleep at once
 */
public record NetLimits(
        int maxFrameBytes,
        int firstFrameBytes,
        long partialFrameBytes,
        int connections,
        long handshakeTimeoutMs,
        long frameTimeoutMs,
        long frameLongestMs,
        long writeTimeoutMs,
        long lingerMs,
        long muteAboveBytes,
        long unmuteBelowBytes,
        long outboundBytes,
        long allOutboundBytes,
        int sendBufferBytes,
        int readBufferBytes,
        int mailboxEntries,
        long spinMicros) {

    /**
     * What a turn of the loop may take beyond the sleep that it asked for. What it takes longer, because the process was
     * stopped, or a garbage collection was long, is lost time, which does not count against peers. Longer than turns take,
     * so that the time of peers goes on under load.
     */
    public static final long LONGEST_TURN_MS = 500;

    /**
     * A connection that brought at least so much when it was read from last, or a frame of so many bytes, is heavy; one that is
     * not is read so far at most. More than a worker's answers to a quick lease, and some 150 small submissions, which take
     * some milliseconds.
     */
    static final int HEAVY_BYTES = 1 << 14;

    /**
     * Heavy connections, and new ones, are read in pieces of this size first: of what they bring nothing is known. The next
     * piece is twice as large if one took a quarter of {@link #DEAR_PIECE_NANOS}. One that is new and brings a whole piece is
     * heavy too.
     */
    static final int FIRST_PIECE_BYTES = 1 << 12;

    /** A piece that takes so long is followed by ones of half the size. */
    static final long DEAR_PIECE_NANOS = 500_000;

    /** The size of the smallest piece. Below it the cost of reading at all counts. */
    static final int LEAST_PIECE_BYTES = 1 << 11;

    /**
     * What a turn of the loop spends on heavy connections, and as much on those that are new; the last of them that it begins
     * with is served to its end. Small beside what people notice, large beside what a turn costs.
     */
    static final long LINE_NANOS = 500_000;

    /**
     * So long at a stretch nobody in line is read from because the server is behind. Longer than a store that keeps up is
     * behind, shorter than most clients wait for an answer, and than {@link #handshakeTimeoutMs}: whoever waits in line is read
     * from in a bounded time, which is why nothing of it is due meanwhile.
     */
    static final long LONGEST_READ_PAUSE_MS = 5_000;

    /** So long a connection is new: who comes and goes is never seen to be heavy. */
    static final long NEW_MS = 1_000;

    /** What a turn of the loop spends on accepting connections. */
    static final long ACCEPT_NANOS = 500_000;

    /** A frame that takes no more room than that finds some whatever large ones take. */
    static final int SMALL_FRAME_BYTES = 1 << 14;

    /**
     * While others wait for room, a larger frame is cut of which less than {@link #SLOW_FRAME_BYTES} come in this time, or
     * twice this time if it has just begun.
     */
    static final long SLOW_FRAME_MS = 2_000;

    /** The slowest lines that anybody sends large frames over bring four times that. */
    static final long SLOW_FRAME_BYTES = 1 << 14;

    /** What an idle worker takes of the heap, with its connection; {@code divvy bench --shape idle-workers} measures it. */
    private static final long CONNECTION_BYTES = 3_072;

    /** The loop looks about at least so often, so that it can tell a long sleep from a pause in which it was stopped. */
    static final long LONGEST_SLEEP_MS = 1_000;

    /**
     * Sockets that one look of the system's selector gives, at least, if more are ready: the fewest of all platforms (1,024
     * on Linux). Fewer than that are all there are.
     */
    static final int SOCKETS_PER_LOOK = 256;

    /** Alone on a processor, nobody brings work while this thread looks for it. */
    private static final int SPIN_MICROS = Runtime.getRuntime().availableProcessors() > 1 ? 50 : 0;

    /** What suits this process: {@link #forHeap} of the memory that it may use. */
    public static final NetLimits DEFAULT = forHeap(Runtime.getRuntime().maxMemory());

    /** The usual limits for a heap of so many bytes. */
    public static NetLimits forHeap(long heapBytes) {
        return new Draft(heapBytes).finish();
    }

    /** The same limits but for those that are changed. */
    public NetLimits with(Consumer<Draft> changes) {
        Draft draft = new Draft(this);
        changes.accept(draft);
        return draft.finish();
    }

    /** Limits that are made up, by name. Those that follow from nothing have their usual values here. */
    public static final class Draft {
        public int maxFrameBytes = 4 << 20;
        public int firstFrameBytes = 1 << 16;
        public long partialFrameBytes;
        public int connections;
        public long handshakeTimeoutMs = 10_000;
        public long frameTimeoutMs = 30_000;
        public long frameLongestMs = 10 * 60_000;
        public long writeTimeoutMs = 60_000;
        public long lingerMs = 2_000;
        public long muteAboveBytes = 1 << 20;
        public long unmuteBelowBytes = 1 << 18;
        public long outboundBytes = 32 << 20;
        public long allOutboundBytes;
        public int sendBufferBytes = 0;
        public int readBufferBytes = 1 << 16;
        public int mailboxEntries = 100_000;
        public long spinMicros = SPIN_MICROS;

        private Draft(long heapBytes) {
            partialFrameBytes = HeapShare.PARTIAL_FRAMES.of(heapBytes);
            connections = (int) Math.min(20_000, HeapShare.CONNECTIONS.of(heapBytes) / CONNECTION_BYTES);
            allOutboundBytes = HeapShare.OUTBOUND_FRAMES.of(heapBytes);
        }

        private Draft(NetLimits usual) {
            maxFrameBytes = usual.maxFrameBytes;
            firstFrameBytes = usual.firstFrameBytes;
            partialFrameBytes = usual.partialFrameBytes;
            connections = usual.connections;
            handshakeTimeoutMs = usual.handshakeTimeoutMs;
            frameTimeoutMs = usual.frameTimeoutMs;
            frameLongestMs = usual.frameLongestMs;
            writeTimeoutMs = usual.writeTimeoutMs;
            lingerMs = usual.lingerMs;
            muteAboveBytes = usual.muteAboveBytes;
            unmuteBelowBytes = usual.unmuteBelowBytes;
            outboundBytes = usual.outboundBytes;
            allOutboundBytes = usual.allOutboundBytes;
            sendBufferBytes = usual.sendBufferBytes;
            readBufferBytes = usual.readBufferBytes;
            mailboxEntries = usual.mailboxEntries;
            spinMicros = usual.spinMicros;
        }

        private NetLimits finish() {
            return new NetLimits(
                    maxFrameBytes,
                    firstFrameBytes,
                    partialFrameBytes,
                    connections,
                    handshakeTimeoutMs,
                    frameTimeoutMs,
                    frameLongestMs,
                    writeTimeoutMs,
                    lingerMs,
                    muteAboveBytes,
                    unmuteBelowBytes,
                    outboundBytes,
                    allOutboundBytes,
                    sendBufferBytes,
                    readBufferBytes,
                    mailboxEntries,
                    spinMicros);
        }
    }
}
