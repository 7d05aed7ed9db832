package io.divvy.store.sqlite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class IdEndsTest {
    private static final int MANY = 100_000;

    private final Random random = new Random(7);
    private final String[] ids = new String[MANY];

    private void addAll(IdEnds ends, long firstKeyThatIsThere) {
        for (int key = 0; key < MANY; key++) {
            if (ends.isFull()) {
                ends.makeRoom(Math.min(firstKeyThatIsThere, key));
            }
            ids[key] = new UUID(key, random.nextLong()).toString();
            ends.add(key, ids[key]);
        }
    }

    private static String end(String id) {
        return id.substring(id.length() - IdEnds.CHARACTERS);
    }

    @Test
    void eachOfManyRowsIsFoundAndHardlyAnyOther() {
        IdEnds ends = new IdEnds(1L << 30);
        addAll(ends, 0);
        int found = 0;
        for (int key = 0; key < MANY; key++) {
            long[] keys = ends.find(end(ids[key]));
            int expected = key;
            assertTrue(Arrays.stream(keys).anyMatch(one -> one == expected), ids[key]);
            found += keys.length;
        }
        assertTrue(found < MANY + 50, found + " found, some of them for others");
        assertEquals(MANY - 1, ends.lastKey());
    }

    @Test
    void rowsWithTheSameEndAreFoundTheNewestFirst() {
        IdEnds ends = new IdEnds(1 << 20);
        for (long key : new long[] {3, 5, 9}) {
            ends.add(key, key + "-12345678");
        }
        assertArrayEquals(new long[] {9, 5, 3}, ends.find("12345678"));
        assertArrayEquals(new long[] {9, 5, 3}, ends.find("9-12345678"), "it is up to the row whether it ends so");
        assertArrayEquals(new long[0], ends.find("12345679"));
    }

    @Test
    void rowsThatAreGoneMakeRoomForOthers() {
        IdEnds ends = new IdEnds(IdEnds.BYTES_PER_PLACE << 11);
        addAll(ends, Long.MAX_VALUE);
        assertTrue(ends.knows("12345678"), "there were never many at once");
        assertArrayEquals(new long[] {MANY - 1}, ends.find(end(ids[MANY - 1])));
        assertArrayEquals(new long[0], ends.find(end(ids[0])));
    }

    @Test
    void whereTooManyAreThereItKnowsNone() {
        IdEnds ends = new IdEnds(IdEnds.BYTES_PER_PLACE << 11);
        addAll(ends, 0);
        assertFalse(ends.knows("12345678"));
        assertFalse(ends.isFull());
    }

    @Test
    void shorterEndsAreLeftToOthers() {
        IdEnds ends = new IdEnds(1 << 20);
        ends.add(1, "short");
        assertFalse(ends.knows("short"));
        assertArrayEquals(new long[0], ends.find("too-short"));
    }
}
