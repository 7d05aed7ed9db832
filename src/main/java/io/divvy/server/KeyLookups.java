package io.divvy.server;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import io.divvy.state.SubmitKey;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskStore;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Submissions under a key that another task may have: an open one, which the core knows, or a finished one, which the store
 * knows. No two are looked up under one key at once, so that no task comes and goes unseen between two looks. What waits has a
 * budget in bytes, as it is not among the open tasks yet. On the loop.
 */
final class KeyLookups {
    private static final long RETRY_MS = 1_000;

    private final TaskStore store;
    private final Predicate<SubmitKey> isOpen;
    private final ByteBudget room;
    /** Keys that are looked up in the store, with the submissions that wait for that. */
    private final Map<SubmitKey, Queue<Submission>> lookups = new HashMap<>();

    /** @param isOpen whether the core has a task of that key */
    KeyLookups(TaskStore store, Predicate<SubmitKey> isOpen, ByteBudget room) {
        this.store = store;
        this.isOpen = isOpen;
        this.room = room;
    }

    /**
     * A submission that waits for what is known of its key; one of the two is called, once.
     *
     * @param bytes that it takes in memory while it waits
     * @param known the finished task of that key, or empty if the core has one, or there is none
     */
    record Submission(
            SubmitKey key, long bytes, Consumer<Optional<StoredTask>> known, Consumer<RefusedException> refused) {}

    void look(Submission submission) {
        if (!lookups.containsKey(submission.key) && isOpen.test(submission.key)) {
            submission.known.accept(Optional.empty());
        } else if (room.takeAlone(submission.bytes)) {
            waitOrRead(submission);
        } else {
            submission.refused.accept(new RefusedException(
                    ErrorCode.BUSY,
                    "so many submissions wait for a look-up of their key that there is no memory for another "
                            + submission.bytes + " bytes; try again",
                    RETRY_MS));
        }
    }

    private void waitOrRead(Submission submission) {
        Queue<Submission> behind = lookups.get(submission.key);
        if (behind != null) {
            behind.add(submission);
        } else if (isOpen.test(submission.key)) {
            end(submission, Optional.empty());
        } else {
            lookups.put(submission.key, new ArrayDeque<>());
            store.findFinishedByKey(
                    submission.key,
                    finished -> answered(submission, finished, null),
                    failure -> answered(submission, Optional.empty(), Refusals.of(failure)));
        }
    }

    private void answered(Submission first, Optional<StoredTask> finished, @Nullable RefusedException why) {
        Queue<Submission> waiting = Objects.requireNonNull(lookups.remove(first.key), "a lookup that is answered once");
        if (why == null) {
            end(first, finished);
        } else {
            room.giveBack(first.bytes);
            first.refused.accept(why);
        }
        waiting.forEach(this::waitOrRead);
    }

    private void end(Submission submission, Optional<StoredTask> finished) {
        room.giveBack(submission.bytes); // Where it goes now it is counted as well.
        submission.known.accept(finished);
    }
}
