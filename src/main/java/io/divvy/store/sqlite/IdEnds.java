package io.divvy.store.sqlite;

import io.divvy.heap.HeapShare;
import java.util.Arrays;

/**
 * Which rows have an id that ends so: a table in memory. As an index of the file it would cost each task that is stored a page
 * of the log, since the ends of ids are random; and only people give ids by their ends. Ids never change and keys only grow,
 * so what is new since the last look is read on from the last key. Of the thread of one reader.
 */
final class IdEnds {
    /** The shortest end that this knows. */
    static final int CHARACTERS = 8;

    private static final int FIRST_CAPACITY = 1 << 10;
    static final int BYTES_PER_PLACE = 2 * Integer.BYTES;
    private static final int FREE = -1;

    private final long mostBytes;
    /**
     * The places of a hash table, probed one after the other: of as many the hash of an end, and by how much the key of its
     * row is more than the base.
     */
    private int[] hashes = new int[FIRST_CAPACITY];

    private int[] offsets = free(FIRST_CAPACITY);
    private long base;
    private int size;
    private long lastKey = -1;
    private boolean isGivenUp;

    IdEnds() {
        this(HeapShare.ID_ENDS.ofThisHeap());
    }

    /** @param mostBytes that it may take; where more rows are stored than these are enough for, it knows none */
    IdEnds(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    private static int[] free(int places) {
        int[] offsets = new int[places];
        Arrays.fill(offsets, FREE);
        return offsets;
    }

    /** Whether it can tell of an end in which rows it is. */
    boolean knows(String idEnd) {
        return !isGivenUp && idEnd.length() >= CHARACTERS;
    }

    /** Up to which key it has all rows. */
    long lastKey() {
        return lastKey;
    }

    /** The keys come in ascending order. */
    void add(long key, String id) {
        base = lastKey < 0 ? key : base;
        lastKey = key;
        if (id.length() < CHARACTERS || isGivenUp) {
            return; // No end that is looked for here is that short.
        }
        put(hash(id), key);
    }

    private void put(int hash, long key) {
        if (key - base > Integer.MAX_VALUE) {
            giveUp();
        }
        if (isGivenUp) {
            return;
        }
        int place = place(hash);
        while (offsets[place] != FREE) {
            place = next(place);
        }
        hashes[place] = hash;
        offsets[place] = (int) (key - base);
        size++;
    }

    /** Whether it has to {@link #makeRoom} before more is added. */
    boolean isFull() {
        return !isGivenUp && size >= offsets.length / 4 * 3;
    }

    /** Forgets the rows before this one, which are gone, and gets larger if that is not enough. */
    void makeRoom(long firstKey) {
        int[] oldHashes = hashes;
        int[] oldOffsets = offsets;
        long oldBase = base;
        int there = 0;
        for (int offset : oldOffsets) {
            there += offset != FREE && base + offset >= firstKey ? 1 : 0;
        }
        int capacity = there > oldOffsets.length / 2 ? 2 * oldOffsets.length : oldOffsets.length;
        if ((long) capacity * BYTES_PER_PLACE > mostBytes) {
            giveUp();
            return;
        }
        hashes = new int[capacity];
        offsets = free(capacity);
        base = Math.max(base, firstKey);
        size = 0;
        for (int place = 0; place < oldOffsets.length; place++) {
            long key = oldBase + oldOffsets[place];
            if (oldOffsets[place] != FREE && key >= firstKey) {
                put(oldHashes[place], key);
            }
        }
    }

    /** From now on it knows none. */
    void giveUp() {
        isGivenUp = true;
        hashes = new int[0];
        offsets = new int[0];
    }

    /** The keys of rows whose ids may end so, the newest first. */
    long[] find(String idEnd) {
        int hash = hash(idEnd);
        long[] found = new long[0];
        for (int place = place(hash); offsets[place] != FREE; place = next(place)) {
            if (hashes[place] == hash) {
                found = Arrays.copyOf(found, found.length + 1);
                found[found.length - 1] = base + offsets[place];
            }
        }
        Arrays.sort(found);
        for (int i = 0, j = found.length - 1; i < j; i++, j--) {
            long key = found[i];
            found[i] = found[j];
            found[j] = key;
        }
        return found;
    }

    private static int hash(String id) {
        return id.substring(id.length() - CHARACTERS).hashCode();
    }

    private int place(int hash) {
        // The upper bits decide too: those of texts of hexadecimal digits are close together.
        return (hash * 0x9e3779b9 >>> 7) & offsets.length - 1;
    }

    private int next(int place) {
        return place + 1 & offsets.length - 1;
    }
}
