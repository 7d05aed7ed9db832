package io.divvy.scheduler.world;

import io.divvy.protocol.CombineMode;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.TaskObject;
import io.divvy.state.SubmitKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a sender wants done, however often it is submitted, and what became of that. */
final class Wanted {
    private static final String LABEL = "wanted";

    private final TaskObject object;
    private final @Nullable SubmitKey key;
    private final Shape shape;
    private @Nullable String fingerprint;

    /** Tasks that came of it, in their order. Under a key there is one, and another once that was deleted or not saved. */
    final List<SimulatedTask> tasks = new ArrayList<>();

    /** The task that is run again so, or null. */
    @Nullable
    SimulatedTask first;

    private int turnedAway;
    private boolean isTooLarge;

    /**
     * What there is to do.
     *
     * @param isRefused whether its type does not take its params
     * @param nullPeriod of a task that may end early one result in so many is not null
     */
    record Shape(long subtasks, boolean isRefused, long nullPeriod) {}

    /**
     * @param object as it is submitted
     * @param key under which it is submitted, or null
     */
    Wanted(TaskObject object, @Nullable SubmitKey key, Shape shape) {
        this.object = object;
        this.key = key;
        this.shape = shape;
    }

    /** By these labels the server's task is known again, though a task object was written and read in between. */
    static Map<String, String> labels(int number) {
        return Map.of(LABEL, Integer.toString(number));
    }

    /** Which of all that is wanted was submitted so. Dialect 1 has no labels: there the range begins with the number. */
    static int numberIn(TaskObject object) {
        String label = object.labels().get(LABEL);
        return label == null ? object.params().path(WorldType.START).intValue() : Integer.parseInt(label);
    }

    /** The same once more, as another task: {@code object} is what its first task was, which is run again. */
    Wanted again(TaskObject object, int number, SimulatedTask first) {
        Wanted again = new Wanted(object.withLabels(labels(number)), null, shape);
        again.first = first;
        return again;
    }

    TaskObject object() {
        return object;
    }

    @Nullable
    SubmitKey key() {
        return key;
    }

    long subtasks() {
        return shape.subtasks;
    }

    long nullPeriod() {
        return shape.nullPeriod;
    }

    /** Two that are wanted under one key are the same exactly if these are. */
    String fingerprint() {
        String known = fingerprint;
        if (known == null) {
            known = object.fingerprint(shape.subtasks);
            fingerprint = known;
        }
        return known;
    }

    @Nullable
    CombineMode combine() {
        return object.combine();
    }

    // What becomes of it.

    /** The core had no room for it, or could not save it: one of those who submit it hears so. */
    void turnedAway() {
        turnedAway++;
    }

    /** It alone would take more than all tasks may. */
    void tooLarge() {
        isTooLarge = true;
    }

    /** A sender is told that it is not taken. Returns whether that can be, given what the core said. */
    boolean mayBeRefused(ErrorCode code, Wants wants) {
        return switch (code) {
            case CONFLICT -> wants.mayConflict(this);
            case BUSY -> turnedAway-- > 0;
            case INVALID_TASK -> shape.isRefused;
            case LIMIT_EXCEEDED -> isTooLarge;
            default -> false;
        };
    }

    /** Holds the answer that its task exists against what is durable. */
    void requireAccepted(SimulatedTask task, @Nullable Saved saved) {
        Violation.unless(
                saved != null || task.isDeleted, () -> task + " is accepted before it is durable that it exists");
        Wanted other = task.wanted;
        Violation.unless(
                other == this
                        || key != null && key.equals(other.key) && fingerprint().equals(other.fingerprint()),
                () -> this + " is answered with " + task.spec());
        task.isAccepted = true;
    }

    @Override
    public String toString() {
        return "the submission of " + object;
    }
}
