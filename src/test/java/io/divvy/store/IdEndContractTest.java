package io.divvy.store;

import static io.divvy.store.StoredTasks.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.TaskSnapshot;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Finished tasks of which somebody gives the end of the id. */
abstract class IdEndContractTest extends StoreUnderTest {
    private static final int MANY = 12_000;
    private static final int AT_ONCE = 10;

    /** An id in the form that those of the server have. */
    private static String id(int number, long random) {
        return String.format("%08x-0000-7000-8000-%012x", number, random);
    }

    /** Different for all numbers, and in no order. */
    private static String id(int number) {
        return id(number, number * 0x5_deec_e66dL & 0xffff_ffff_ffffL);
    }

    /** With the same last 8 characters for all. */
    private static String alike(int number) {
        return id(number, (0xa000L + number << 32) + 0x1234_5678L);
    }

    private static TaskSnapshot ended(String id, long submittedMs) {
        return task(id, null, TaskSnapshot.State.COMPLETED, List.of(), submittedMs);
    }

    private List<String> ofEnd(TaskStore store, String end) {
        return listAll(store, TaskFilter.ofIdEnd(end), AT_ONCE);
    }

    @Test
    void oneOfManyIsFoundByTheEndOfItsId() {
        TaskStore store = opened(100_000, 1 << 30);
        finishMany(store, MANY, i -> ended(id(i), 1_000 + i));
        for (int number : new int[] {MANY - 1, MANY / 2, 1, 0}) {
            String id = id(number);
            for (int characters : new int[] {8, 9, 12, id.length()}) {
                String end = id.substring(id.length() - characters);
                assertEquals(List.of(id), ofEnd(store, end), end);
            }
        }
        assertEquals(List.of(), ofEnd(store, "ffffffff"));
        assertEquals(List.of(), ofEnd(store, "1" + id(7)), "it is longer than an id");
    }

    @Test
    void whatFinishesLaterIsFoundAndWhatIsDeletedIsNot() {
        TaskStore store = large();
        finish(store, ended(id(1), 1_000), "1");
        TaskSnapshot open = ended(id(2), 900);
        create(store, StoredTasks.queued(open));
        String endOfOpen = id(2).substring(id(2).length() - 8);
        assertEquals(List.of(), ofEnd(store, endOfOpen), "it is not finished");
        finish(store, ended(id(3), 1_100), "1");
        assertEquals(List.of(id(3)), ofEnd(store, id(3).substring(id(3).length() - 8)));

        assertTrue(delete(store, id(3)));

        assertEquals(List.of(), ofEnd(store, id(3).substring(id(3).length() - 8)));
        assertEquals(List.of(id(1)), ofEnd(store, id(1).substring(id(1).length() - 8)));
    }

    @Test
    void thoseWithTheSameEndComePageByPageTheNewestFirst() {
        TaskStore store = large();
        for (int i = 0; i < 5; i++) {
            finish(store, ended(alike(i), 1_000 + i), "1");
        }
        String end = "12345678";
        List<String> all = ofEnd(store, end);
        assertEquals(5, all.size(), all::toString);
        assertEquals(alike(4), all.get(0));
        assertEquals(all, listAll(store, TaskFilter.ofIdEnd(end), 2));
        assertEquals(List.of(all.get(2)), ofEnd(store, all.get(2).substring(24)));
    }
}
