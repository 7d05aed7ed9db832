package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What of one task is done and was not handed to the store yet. */
final class Unsaved {
    /** Those of which something changed, complete ones too. */
    final TreeMap<Integer, Chunk> chunks = new TreeMap<>();
    /** What its results take that were not handed to the store. */
    long bytes;

    /** The same of all that is not durable. Kept by {@link UnsavedResults}. */
    long heldBytes;
    /** Whether nothing of the task is leased because of that. */
    boolean isHeldBack;

    /** When it is handed to the store; null while nothing is unsaved, and while a commit is under way. */
    @Nullable
    Timer timer;

    boolean isBeingSaved;
    /** How long the last commit took. */
    long lastSaveMs;

    /** The last commit that was asked for. */
    long lastCommit;

    private List<Effect.Ack> acks = new ArrayList<>();

    /**
     * Keeps what a worker is to be told. Answers that follow each other are told in one.
     *
     * @param mayAdd whether there is room for one more
     * @return whether it takes room of its own
     */
    boolean hold(Effect.Ack ack, boolean mayAdd) {
        Effect.Ack last = acks.isEmpty() ? null : acks.get(acks.size() - 1);
        if (last != null && last.isFollowedBy(ack)) {
            acks.set(acks.size() - 1, last.upTo(ack.to()));
            return false;
        }
        if (!mayAdd || ack.equals(last)) {
            return false;
        }
        acks.add(ack);
        return true;
    }

    List<Effect.Ack> takeAcks() {
        List<Effect.Ack> taken = acks;
        acks = new ArrayList<>();
        return taken;
    }
}
