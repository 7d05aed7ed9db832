package io.divvy.scheduler;

/**
 * How one worker gets on with those tasks of one type whose own speed it does not know yet. Most small tasks end before it is
 * known. What each of them costs is anybody's guess, so together they are held as one new task is: two subtasks a slot at
 * first, and twice what was answered by now. Of each task only its first subtasks count as answered: one task that had a
 * hundred thousand says no more of the next one than one that had two.
 */
final class TypePace {
    /** Of one task so many subtasks count, and so many are held before any did. */
    private final long first;

    private final Speed speed = new Speed();
    /** Since the beginning, or since the type was too slow. */
    private long answered;
    /** What of such tasks the worker holds unanswered. */
    private long held;

    TypePace(int slots) {
        this.first = 2L * slots;
    }

    void hold(long subtasks) {
        held += subtasks;
    }

    void free(long subtasks) {
        held -= subtasks;
    }

    /** @param countedOfTask how many subtasks of the same task counted before. Returns how many do now. */
    long measure(long subtasks, long countedOfTask, long sinceMs, long nowMs) {
        speed.add(subtasks, sinceMs, nowMs);
        if (countedOfTask >= first) {
            return countedOfTask;
        }
        long counted = Math.min(first, countedOfTask + subtasks);
        answered += counted - countedOfTask;
        return counted;
    }

    /** Something of it ran for so long that what was held behind it had to be taken back. */
    void wasTooSlow() {
        speed.measureAnew();
        answered = 0;
    }

    /** How many more subtasks of such tasks the worker may be given, of one that may hold so many by itself. */
    long room(long mostOfTask) {
        return Math.max(mostOfTask, most()) - held;
    }

    private long most() {
        return Math.max(first, 2 * answered);
    }

    /** What the worker does in the time, by the speed measured; before it is, what it may hold of such tasks. */
    double within(long ms) {
        return speed.isCurrent() ? speed.subtasksPerMs() * ms : most();
    }

    /** An estimate, also from before it was too slow; 0 while nothing was ever measured. */
    double subtasksPerMs() {
        return speed.subtasksPerMs();
    }
}
