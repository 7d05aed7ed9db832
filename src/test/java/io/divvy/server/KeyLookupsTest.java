package io.divvy.server;

import static io.divvy.store.StoredTasks.completed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.protocol.ErrorCode;
import io.divvy.state.SubmitKey;
import io.divvy.store.ReadFailure;
import io.divvy.store.StoredTask;
import io.divvy.store.StoredTexts;
import io.divvy.store.TaskNotes;
import io.divvy.store.TaskStore;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
                SubmitKey.key(key),
                bytes,
                known -> heard.add(
                        known.map(task -> name + " is " + task.task().spec().id())
                                .orElse(name)),
                why -> heard.add(name + " " + why.code())));
    }

    private void submit(String name, String key) {
        submit(name, key, 1);
    }

    private void answer() {
        failed.remove();
        found.remove().accept(Optional.empty());
    }

    private void answer(String id) {
        failed.remove();
        found.remove()
                .accept(Optional.of(
                        new StoredTask(completed(id, null), new TaskNotes(null, Map.of()), StoredTexts.NONE, null)));
    }

    private void fail() {
        found.remove();
        failed.remove().accept(new ReadFailure(ReadFailure.Reason.UNREADABLE, "the row is damaged"));
    }

    /** However many submit the same again, and however long the store takes. */
    @Test
    void oneLookUpIsForAllThatWereSubmittedBeforeIt() {
        submit("a", "1");
        submit("b", "1");
        submit("c", "1");
        submit("d", "1");
        answer("t");
        assertEquals(List.of("a is t"), heard, "t may have been deleted before the others came");
        submit("e", "1");
        answer("t");
        assertEquals(List.of("a is t", "b is t", "c is t", "d is t"), heard);
        answer("t");
        assertEquals("e is t", heard.get(4));
        assertEquals(0, found.size());
        assertEquals(0, room.taken());
    }

    @Test
    void aLookUpThatFailsFailsForAllThatWereSubmittedBeforeIt() {
        submit("a", "1");
        submit("b", "1");
        submit("c", "1");
        fail();
        fail();
        assertEquals(3, heard.size());
        assertEquals(0, found.size());
        assertEquals(0, room.taken());
    }

    @Test
    void aNewTaskAnswersTheSubmissionsBehindItsFirst() {
        submit("a", "1");
        submit("b", "1");
        submit("c", "1");
        open.add(SubmitKey.key("1"));
        answer();
        assertEquals(List.of("a", "b", "c"), heard);
        assertEquals(0, found.size());
    }

    @Test
    void aTaskThatEndedAtOnceIsLookedUpForTheNext() {
        submit("first", "1");
        submit("a", "1");
        submit("b", "1");
        answer();
        answer();
        assertEquals(List.of("first", "a"), heard, "the core does not have the task of a any more");
        answer("t");
        assertEquals(List.of("first", "a", "b is t"), heard);
        assertEquals(0, room.taken());
    }

    @Test
    void submissionsThatWaitForALookUpAreBounded() {
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
    void submissionsBehindALookUpOfTheSameKeyCountToo() {
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
    void aSubmissionThatIsLookedUpAloneMayExceedTheBound() {
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
        fail();
        assertEquals(1, heard.size());
        assertTrue(heard.get(0).startsWith("a "), heard::toString);
        assertEquals(0, room.taken());
    }
}
