package io.divvy.net;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The room that the incomplete frames of all connections share. Large frames have half of it and small ones the other, so
 * that these find some whatever those do. When that is used up, a connection whose frame would grow waits, unread, and the
 * one that waited longest is favoured: its frame may grow to its end, whatever is free. So the frames never take more than
 * the limit and one frame, and they never all wait for each other. Who has room for a large frame while others wait has to fill it at a least rate.
 */
final class FrameRoom {
    private final long limitBytes;
    private final Set<ReadingSide> waiting = new LinkedHashSet<>();
    /**
     * Those with room for a large frame, be it that they do not use it yet, with the bytes that each had brought at the last
     * look.
     */
    private final Map<ReadingSide, Long> holders = new LinkedHashMap<>();

    private long usedBytes;
    /** Of the frames that have outgrown small ones. */
    private long largeBytes;

    private long lookedMs;

    @Nullable
    private ReadingSide favoured;

    FrameRoom(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** How much the frame of a connection may grow now, of which so much is kept. */
    long bytesFor(ReadingSide reading, int keptBytes) {
        if (reading == favoured) {
            return Long.MAX_VALUE;
        }
        long smallBytes = usedBytes - largeBytes;
        long toSmall = Math.min(limitBytes / 2 - smallBytes, NetLimits.SMALL_FRAME_BYTES - keptBytes);
        return Math.max(0, Math.max(toSmall, freeForLarge()));
    }

    private long freeForLarge() {
        return limitBytes / 2 - largeBytes;
    }

    long usedBytes() {
        return usedBytes;
    }

    /** The buffer of a connection's frame grew to that, or shrank. */
    void grew(ReadingSide reading, int fromBytes, int toBytes) {
        usedBytes += toBytes - fromBytes;
        largeBytes += large(toBytes) - large(fromBytes);
        noteHolder(reading, toBytes);
    }

    private void noteHolder(ReadingSide reading, int keptBytes) {
        if (reading == favoured || keptBytes > NetLimits.SMALL_FRAME_BYTES) {
            holders.putIfAbsent(reading, Long.MIN_VALUE);
        } else {
            holders.remove(reading);
        }
    }

    private static int large(int bytes) {
        return bytes > NetLimits.SMALL_FRAME_BYTES ? bytes : 0;
    }

    /** The connection is not read from until there is room. */
    void await(ReadingSide reading) {
        waiting.add(reading);
    }

    /** The connection's frame came to its end, or nothing of it will come any more. So much is kept of the next. */
    void frameEnded(ReadingSide reading, int keptBytes) {
        waiting.remove(reading);
        if (favoured == reading) {
            favoured = null;
            noteHolder(reading, keptBytes);
        }
    }

    /** Gives room to those that wait, the longest first. Once a turn. */
    void giveRoom(long peerMs) {
        if (!waiting.isEmpty() && peerMs - lookedMs >= NetLimits.SLOW_FRAME_MS) {
            lookedMs = peerMs;
            cutSlow();
        }
        long freeBytes = freeForLarge();
        while (!waiting.isEmpty()) {
            ReadingSide first = waiting.iterator().next();
            if (first.nextGrowthBytes() > freeBytes) {
                if (favoured != null) {
                    return;
                }
                favoured = first;
                holders.putIfAbsent(first, Long.MIN_VALUE);
            } else {
                freeBytes -= first.nextGrowthBytes();
            }
            waiting.remove(first);
            first.onRoom();
        }
    }

    /** Those that wait for something of ours begin anew: they are not slow. Who does not read its answers is. */
    private void cutSlow() {
        for (ReadingSide holder : List.copyOf(holders.keySet())) {
            Long before = holders.get(holder);
            long now = holder.broughtBytes();
            if (before != null && before >= 0 && now - before < NetLimits.SLOW_FRAME_BYTES && !holder.isUnreadByUs()) {
                holder.cutSlowFrame();
            } else {
                holders.replace(holder, holder.isUnreadByUs() ? Long.MIN_VALUE : now);
            }
        }
    }
}
