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

/**
 * Submissions under a key that another task may have: an open one, which the core knows, or a finished one, which the store
 * knows. No two are looked up under one key at once, so that no task comes and goes unseen between two looks; what the store
 * says counts for all that were submitted before it was asked. What waits has a budget in bytes, as it is not among the open
 * tasks yet. On the loop.
 */
final class KeyLookups {
    private static final long RETRY_MS = 1_000;

    private final TaskStore store;
    private final Predicate<SubmitKey> isOpen;
    private final ByteBudget room;
    /** By the key that is looked up in the store. */
    private final Map<SubmitKey, Lookup> lookups = new HashMap<>();

    /**
     * A look-up that the store has not answered.
     *
     * @param submissions that it is for
     * @param later submissions that came since, for which the store has to be asked again: a task may have been deleted
     */
    private record Lookup(Queue<Submission> submissions, Queue<Submission> later) {}

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
            Queue<Submission> alone = new ArrayDeque<>(1);
            alone.add(submission);
            waitOrRead(submission.key, alone);
        } else {
            submission.refused.accept(new RefusedException(
                    ErrorCode.BUSY,
                    "so many submissions wait for a look-up of their key that there is no memory for another "
                            + submission.bytes + " bytes; try again",
                    RETRY_MS));
        }
    }

    private void waitOrRead(SubmitKey key, Queue<Submission> submissions) {
        while (!submissions.isEmpty() && !lookups.containsKey(key) && isOpen.test(key)) {
            end(submissions.remove(), Optional.empty());
        }
        Lookup underWay = lookups.get(key);
        if (underWay != null) {
            underWay.later.addAll(submissions);
        } else if (!submissions.isEmpty()) {
            read(key, submissions);
        }
    }

    private void read(SubmitKey key, Queue<Submission> submissions) {
        lookups.put(key, new Lookup(submissions, new ArrayDeque<>(1)));
        store.findFinishedByKey(key, finished -> found(key, finished), failure -> failed(key, Refusals.of(failure)));
    }

    private void found(SubmitKey key, Optional<StoredTask> finished) {
        Lookup lookup = answered(key);
        Queue<Submission> submissions = lookup.submissions;
        end(submissions.remove(), finished);
        // If the first was taken as a new task, and that ended at once, then it is the task of the others.
        while (!submissions.isEmpty() && (finished.isPresent() || isOpen.test(key))) {
            end(submissions.remove(), finished);
        }
        submissions.addAll(lookup.later);
        waitOrRead(key, submissions);
    }

    private void failed(SubmitKey key, RefusedException why) {
        Lookup lookup = answered(key);
        for (Submission submission : lookup.submissions) {
            room.giveBack(submission.bytes);
            submission.refused.accept(why);
        }
        waitOrRead(key, lookup.later);
    }

    private Lookup answered(SubmitKey key) {
        return Objects.requireNonNull(lookups.remove(key), "a lookup that is answered once");
    }

    private void end(Submission submission, Optional<StoredTask> finished) {
        room.giveBack(submission.bytes); // Where it goes now it is counted as well.
        submission.known.accept(finished);
    }
}
