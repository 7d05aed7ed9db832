package io.divvy.server.session;

import io.divvy.net.Peer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one worker said, in the order in which it said it. Code of a task's type may have to look at some of it elsewhere first;
 * what was said after that waits for it: that a lease is released, say, means the part that was not answered before.
 */
final class SaidInOrder {
    /** What waits at most; then the worker is not read from until half of it is done. */
    static final int MOST_WAITING = 512;

    private final Peer peer;
    private final Consumer<Throwable> failed;
    private final Deque<Place> waiting = new ArrayDeque<>();
    private boolean isPaused;

    /** Where something stands in the line. */
    static final class Place {
        /** Null while it is not known what there is to do. */
        private @Nullable Runnable act;
    }

    /** @param failed hears what an act throws that had to wait; what did not wait throws where it was said */
    SaidInOrder(Peer peer, Consumer<Throwable> failed) {
        this.peer = peer;
        this.failed = failed;
    }

    /** Whether nothing waits. */
    boolean isUpToDate() {
        return waiting.isEmpty();
    }

    /** Does it at once if nothing was said before that waits, else after that. */
    void act(Runnable act) {
        if (waiting.isEmpty()) {
            act.run();
        } else {
            takePlace().act = act;
        }
    }

    /** A place for something that is looked at first, to be given to {@link #isKnown}. */
    Place takePlace() {
        Place place = new Place();
        waiting.add(place);
        if (!isPaused && waiting.size() >= MOST_WAITING) {
            isPaused = true;
            peer.pause();
        }
        return place;
    }

    /** It is known what there is to do there. It is done if all before it is, and so is what waits behind it. */
    void isKnown(Place place, Runnable act) {
        place.act = act;
        for (Place first = waiting.peek(); first != null && first.act != null; first = waiting.peek()) {
            waiting.remove();
            run(first.act);
        }
        if (isPaused && waiting.size() <= MOST_WAITING / 2) {
            isPaused = false;
            peer.resume();
        }
    }

    private void run(Runnable act) {
        try {
            act.run();
        } catch (RuntimeException | Error e) {
            failed.accept(e);
        }
    }

    /** The worker is gone for good: what is not known yet is left out, and the rest is done. */
    void waitNoLonger() {
        for (Place first = waiting.poll(); first != null; first = waiting.poll()) {
            if (first.act != null) {
                run(first.act);
            }
        }
    }
}
