package io.divvy.scheduler;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The chunks of one task of which something is open, and what of them was given back. */
final class OpenChunks {
    private final SubtaskBytes known;
    private final TreeMap<Integer, Chunk> chunks = new TreeMap<>();
    /** Those of which something was given back. */
    private final TreeMap<Integer, Chunk> withReturned = new TreeMap<>();

    private long total;
    private long chunkSize;
    private long returned;

    /** @param known hears how many there are, and how many ranges in them */
    OpenChunks(SubtaskBytes known) {
        this.known = known;
    }

    /** Says how many subtasks there are, before anything else is asked. */
    void divide(long subtasks) {
        total = subtasks;
        chunkSize = Limits.chunkSize(subtasks);
    }

    /** Where the chunk of an index ends, be it open or not. */
    long endOf(long index) {
        return Math.min(total, (index / chunkSize + 1) * chunkSize);
    }

    /** The chunk of an index, or null if all of it is closed or nothing of it was leased yet. */
    @Nullable
    Chunk of(long index) {
        return chunks.get((int) (index / chunkSize));
    }

    /** The chunk of an index that is open; opens it if nothing of it was leased before. */
    Chunk open(long index) {
        return open((int) (index / chunkSize));
    }

    /** The same, by its number. */
    Chunk open(int number) {
        return chunks.computeIfAbsent(number, this::create);
    }

    private Chunk create(int number) {
        long from = number * chunkSize;
        known.addChunks(1);
        return new Chunk(number, from, Math.min(total, from + chunkSize), known);
    }

    Collection<Chunk> all() {
        return chunks.values();
    }

    @Nullable
    Chunk lowest() {
        return value(chunks.firstEntry());
    }

    @Nullable
    Chunk highest() {
        return value(chunks.lastEntry());
    }

    /** The lowest of which something was given back, or null. */
    @Nullable
    Chunk lowestWithReturned() {
        return value(withReturned.firstEntry());
    }

    private static @Nullable Chunk value(Map.@Nullable Entry<Integer, Chunk> entry) {
        return entry == null ? null : entry.getValue();
    }

    /** How many indexes were given back. */
    long returned() {
        return returned;
    }

    /** Whether something of the chunk was given back. */
    boolean hasReturned(Chunk chunk) {
        return withReturned.containsKey(chunk.number);
    }

    void addReturned(Chunk chunk, long from, long to) {
        returned += chunk.returned.add(from, to);
        withReturned.put(chunk.number, chunk);
    }

    void removeReturned(Chunk chunk, long from, long to) {
        returned -= chunk.returned.remove(from, to);
        if (chunk.returned.isEmpty()) {
            withReturned.remove(chunk.number);
        }
    }

    /** All of it is closed. */
    void remove(Chunk chunk) {
        if (chunks.remove(chunk.number, chunk)) {
            chunk.leaveTally();
            known.addChunks(-1);
        }
    }

    void clear() {
        chunks.clear();
        withReturned.clear();
        returned = 0;
    }
}
