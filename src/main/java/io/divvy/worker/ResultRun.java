package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.ResultValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Results of subtasks that follow each other. It grows at its end and shrinks at its start without being copied each time: so
 * it is cheap to put them in one by one, and to take them out in the order in which they came.
 */
final class ResultRun {
    /** About what a run takes beside its results. */
    private static final long RUN_BYTES = 200;

    /**
     * Results that are not small whole numbers are not joined to more than that: a run of them fits into one message, where
     * a character of one byte may be written as an escape of six.
     */
    private static final long MAX_JOINED_BYTES = 1 << 19;

    /** So that no single copy of one takes long, and little more is let go than must be. */
    private static final int MAX_JOINED_NUMBERS = 1 << 16;

    private static final int SPARSE = 4;

    private long from;
    private int size;

    /** Of the small whole numbers those from {@code head} on count; null if {@code nodes} are the results. */
    private long @Nullable [] numbers;

    private int head;
    private final List<JsonNode> nodes;
    private long nodesBytes;

    ResultRun(long from, ResultValues values) {
        this.from = from;
        this.size = values.size();
        if (values instanceof ResultValues.Longs longs) {
            numbers = longs.values();
            nodes = List.of();
        } else {
            nodes = new ArrayList<>(size);
            for (int i = 0; i < size; i++) {
                nodes.add(values.get(i));
            }
            nodesBytes = values.sizeBytes();
        }
    }

    long from() {
        return from;
    }

    long to() {
        return from + size;
    }

    /** About how much memory it takes. */
    long bytes() {
        return RUN_BYTES + (numbers == null ? nodesBytes : (long) Long.BYTES * numbers.length);
    }

    /** Whether all of it fits into one message, whatever it holds. */
    boolean isOneMessage(int mostNumbers) {
        return numbers == null || size <= mostNumbers;
    }

    /** Takes over what follows it, unless it is of another kind or too much. Returns whether it did. */
    boolean append(ResultRun next) {
        if (numbers == null || next.numbers == null) {
            if (numbers != null || next.numbers != null || nodesBytes + next.nodesBytes > MAX_JOINED_BYTES) {
                return false;
            }
            nodes.addAll(next.nodes);
            nodesBytes += next.nodesBytes;
        } else {
            if (size + next.size > MAX_JOINED_NUMBERS) {
                return false;
            }
            makeRoom(next.size);
            System.arraycopy(next.numbers, next.head, numbers, head + size, next.size);
        }
        size += next.size;
        return true;
    }

    private void makeRoom(int more) {
        if (numbers != null && head + size + more > numbers.length) {
            numbers = Arrays.copyOfRange(numbers, head, head + Math.max(2 * size, size + more));
            head = 0;
        }
    }

    void dropFirst(int count) {
        if (numbers == null) {
            nodesBytes -= partBytes(count);
            nodes.subList(0, count).clear();
        } else {
            head += count;
        }
        from += count;
        size -= count;
        if (numbers != null && numbers.length > SPARSE * size) {
            numbers = Arrays.copyOfRange(numbers, head, head + size);
            head = 0;
        }
    }

    /** Its results from an index up to, not including, another, as a copy. */
    ResultValues values(long partFrom, long partTo) {
        int start = (int) (partFrom - from);
        int end = (int) (partTo - from);
        return numbers == null
                ? new ResultValues.Nodes(List.copyOf(nodes.subList(start, end)), partBytes(end - start))
                : new ResultValues.Longs(Arrays.copyOfRange(numbers, head + start, head + end));
    }

    /** Not looked at one by one: their sizes are a guess anyway. */
    private long partBytes(int count) {
        return size == 0 ? 0 : (long) ((double) nodesBytes * count / size);
    }
}
