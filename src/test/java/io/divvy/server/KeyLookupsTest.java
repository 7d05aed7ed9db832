package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.protocol.ErrorCode;
import io.divvy.state.SubmitKey;
import io.divvy.store.ReadFailure;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskStore;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What submissions take while it is looked up whether their key is known. */
class KeyLookupsTest {
    private static final long MOST_BYTES = 1_000;

    /** Look-ups that the store has not answered. */
    private final Queue<Consumer<Optional<StoredTask>>> found = new ArrayDeque<>();

    private final Queue<Consumer<ReadFailure>> failed = new ArrayDeque<>();
    private final Set<SubmitKey> open = new HashSet<>();
    private final ByteBudget room = new ByteBudget(MOST_BYTES);
    private final KeyLookups lookups = new KeyLookups(store(), open::contains, room);
    private final List<String> heard = new ArrayList<>();

    @SuppressWarnings("unchecked")
    private TaskStore store() {
        return (TaskStore) Proxy.newProxyInstance(
                TaskStore.class.getClassLoader(), new Class<?>[] {TaskStore.class}, (proxy, method, arguments) -> {
                    assertEquals("findFinishedByKey", method.getName());
                    found.add((Consumer<Optional<StoredTask>>) arguments[1]);
                    failed.add((Consumer<ReadFailure>) arguments[2]);
                    return null;
                });
    }

    private void submit(String name, String key, long bytes) {
        lookups.look(new KeyLookups.Submission(
                SubmitKey.key(key), bytes, known -> heard.add(name), why -> heard.add(name + " " + why.code())));
    }

    private void answer() {
        failed.remove();
        found.remove().accept(Optional.empty());
    }

    @Test
    void whatWaitsForALookUpIsBounded() {
        submit("a", "1", 600);
        submit("b", "2", 400);
        submit("c", "3", 1);
        assertEquals(List.of("c " + ErrorCode.BUSY), heard);
        answer();
        answer();
        assertEquals(List.of("c " + ErrorCode.BUSY, "a", "b"), heard);
        assertEquals(0, room.taken());
        submit("d", "3", 1_000);
        answer();
        assertEquals("d", heard.get(3));
    }

    @Test
    void whatWaitsBehindALookUpOfTheSameKeyCountsToo() {
        submit("a", "1", 600);
        submit("b", "1", 400);
        submit("c", "1", 1);
        assertEquals(List.of("c " + ErrorCode.BUSY), heard);
        answer();
        open.add(SubmitKey.key("1"));
        answer();
        assertEquals(List.of("c " + ErrorCode.BUSY, "a", "b"), heard);
        assertEquals(0, room.taken());
    }

    @Test
    void oneThatIsAloneMayTakeMore() {
        submit("large", "1", 5_000);
        submit("small", "2", 1);
        assertEquals(List.of("small " + ErrorCode.BUSY), heard);
        answer();
        assertEquals("large", heard.get(1));
    }

    @Test
    void aKeyOfAnOpenTaskIsAnsweredHoweverFullItIs() {
        submit("a", "1", 1_000);
        open.add(SubmitKey.key("2"));
        submit("again", "2", 1_000);
        assertEquals(List.of("again"), heard);
    }

    @Test
    void aLookUpThatFailsLeavesNothing() {
        submit("a", "1", 1_000);
        found.remove();
        failed.remove().accept(new ReadFailure(ReadFailure.Reason.UNREADABLE, "the row is damaged"));
        assertEquals(1, heard.size());
        assertTrue(heard.get(0).startsWith("a "), heard::toString);
        assertEquals(0, room.taken());
    }
}
