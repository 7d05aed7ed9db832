package io.divvy.scheduler;

/**
 * How one worker gets on with one task, which says how much of that task it should hold. What it did for other tasks does
 * not: their subtasks may cost something else altogether.
 *
 * <p>It begins with two subtasks a slot, and may hold twice what it has answered by now, up to what it does within the time
 * that {@link Limits} allow. So what it holds takes at most twice as long as what it did, if the subtasks stay alike; if they
 * do not, {@link HoldWatch} takes back what it cannot start in time. Until its speed is known it shares that with the other
 * such tasks of its type, see {@link TypePace}.
 */
final class Pace {
    private final TypePace ofType;
    private final Speed speed = new Speed();
    /** Since the beginning, or since something was taken back. */
    private long answered;
    /** What of the task the worker holds unanswered. */
    private long held;
    /** How much of it counts for its type. */
    private long countedForType;
    /** Whether what it held ever took too long: until its speed is known anew, it gets nothing that would wait. */
    private boolean tookTooLong;
    /** Below, it gets only what it begins at once: that was taken back from it. */
    private long takenBackTo;

    Pace(TypePace ofType) {
        this.ofType = ofType;
    }

    void take(long subtasks) {
        held += subtasks;
        if (!isKnown()) {
            ofType.hold(subtasks);
        }
    }

    void free(long subtasks) {
        held -= subtasks;
        if (!isKnown()) {
            ofType.free(subtasks);
        }
    }

    /** What of the task the worker holds unanswered. */
    long held() {
        return held;
    }

    void measure(long subtasks, long sinceMs, long nowMs) {
        answered += subtasks;
        boolean wasKnown = isKnown();
        speed.add(subtasks, sinceMs, nowMs);
        if (!wasKnown && isKnown()) {
            ofType.free(held);
        }
        countedForType = ofType.measure(subtasks, countedForType, sinceMs, nowMs);
    }

    private boolean isKnown() {
        return speed.subtasksPerMs() > 0;
    }

    /** Something of it runs for too long. */
    void wasTooSlow() {
        ofType.wasTooSlow();
    }

    /**
     * Indexes below {@code to} are taken back, as they waited for too long.
     *
     * @param isSlow whether they waited for subtasks of the task itself, so that its speed has to be learned anew
     */
    void takeBack(long to, boolean isSlow) {
        takenBackTo = Math.max(takenBackTo, to);
        if (!isSlow) {
            return;
        }
        tookTooLong = true;
        answered = 0;
        if (isKnown()) {
            ofType.hold(held);
        }
        speed.reset();
    }

    /** Milliseconds of the worker that a subtask costs: as measured in this task, else in its type, else 1. */
    double subtaskMs() {
        double perMs = isKnown() ? speed.subtasksPerMs() : ofType.subtasksPerMs();
        return perMs > 0 ? 1 / perMs : 1;
    }

    /** Subtasks of any task that the worker may hold while this one is served: what it does in time at the best speed known. */
    double perBusyMs(Limits limits) {
        return isKnown() ? speed.subtasksPerMs() * limits.busyMs() : ofType.within(limits.busyMs());
    }

    /**
     * How many more subtasks of the task the worker may be given; 0 or below if it has enough.
     *
     * @param nextIndex the one that it would get first
     */
    long room(int slots, long nextIndex, Limits limits) {
        long most = most(slots, nextIndex, limits);
        return isKnown() ? most - held : Math.min(most - held, ofType.room(most));
    }

    /** How many subtasks of the task it may hold at once. */
    long most(int slots, long nextIndex, Limits limits) {
        double perMs = speed.subtasksPerMs();
        if (tookTooLong && !isKnown()) {
            return slots;
        }
        if (nextIndex < takenBackTo) {
            return (long) Math.max(slots, Math.min(2.0 * answered, perMs * Limits.BEGUN_AT_ONCE_MS));
        }
        if (!isKnown()) {
            return Math.max(2L * slots, 2 * answered);
        }
        // One that waits beside one that runs, where it is begun in time.
        double least = Math.max(slots, Math.min(2.0 * slots, perMs * limits.holdMs()));
        return (long) Math.max(least, Math.min(2.0 * answered, perMs * limits.busyMs()));
    }
}
