package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.protocol.CombineMode;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.TaskObject;
import io.divvy.scheduler.TaskSize;
import io.divvy.server.session.OpenTask;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskSpec;
import io.divvy.state.TaskSpec.EarlyEnd;
import io.divvy.store.TaskNotes;
import io.divvy.task.Combiners;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskType;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the core never sees of a task: what was submitted, how its payloads are made, and its results so far. */
final class TaskWork implements OpenTask {
    /**
     * What an unfinished task takes in memory beside its params, payloads and texts: its places in the core and here, and
     * one sender that waits for it, and the chunk that opens with its first lease, as what was accepted is not refused for it
     * later. {@code OpenTaskBytesTest} measures that: 2,260 bytes with those of the smallest task, and 1,450 more with a lease,
     * of which the core charges its worker with about 1,000.
     */
    static final long OPEN_TASK_BYTES = 2_800;

    /** Of results, from which on they are combined off the loop: some milliseconds to look at, combine and write out. */
    static final long LARGE_BYTES = 128 << 10;

    private final TaskObject object;
    /** What is shown of what was submitted. */
    final TaskTexts texts;

    private final Subtasks subtasks;
    /** Asked for once: foreign code may say something else the next time. */
    private final long count;

    private final Folding<?> folding;
    private final boolean isCombinedByType;
    private final boolean asksForPayloads;
    private final TypeLane lane;
    private final TypeLane payloadLane;
    private final Supplier<TypeLane> largeLanes;
    private TypeLane foldLane;
    /** Null where payloads are made when they are needed. */
    private final @Nullable PayloadsAhead ahead;

    /** Of its beginning and its end, how many are on their way to the store. Kept by {@link Persistence}. */
    int writesUnderWay;

    /** In the order in which they were asked for; null where none ever was. */
    private @Nullable ArrayDeque<Long> deferredCommits;
    /** Another one than that of the object after a change. */
    private Map<String, String> labels;

    private boolean hasEnded;
    private boolean isOutgrown;

    private TaskWork(TaskObject object, TaskParts parts, @Nullable TaskType type, TaskLanes lanes) {
        TypeLane lane = lanes.lane();
        this.object = object;
        this.texts = new TaskTexts(object);
        this.labels = object.labels();
        this.subtasks = parts.subtasks();
        this.count = parts.count();
        this.folding = new Folding<>(parts.combiner());
        this.isCombinedByType = type != null && object.combine() == null;
        this.lane = lane;
        this.largeLanes = lanes.large();
        this.payloadLane = object.payloads() == null ? lane : TypeLane.INLINE;
        this.ahead = payloadLane instanceof ThreadedLane threaded
                ? new PayloadsAhead(parts.subtasks(), threaded.aheadBudget())
                : null;
        // No way to combine that ships asks what is missing; and those run where the code of a type must not.
        this.asksForPayloads = isCombinedByType && !Combiners.isOneOfThese(parts.combiner());
        this.foldLane = asksForPayloads ? lane : TypeLane.INLINE;
    }

    /**
     * Splits a task, and makes ready to combine its results. Runs the code of its type: to be called in its lane.
     *
     * @param type may be null if the task brings its payloads
     * @throws RefusedException if the task makes no sense to its type, or the type's code fails
     */
    static TaskWork prepare(TaskObject object, @Nullable TaskType type, TaskLanes lanes) throws RefusedException {
        return new TaskWork(object, TaskParts.of(object, type, lanes.lane()), type, lanes);
    }

    /** Of a task that cannot go on, only to end. */
    static TaskWork withoutType(TaskObject object) {
        return new TaskWork(object, TaskParts.NONE, null, TaskLanes.INLINE);
    }

    TaskObject object() {
        return object;
    }

    @Override
    public String type() {
        return object.type();
    }

    /** What the core needs to know of it. */
    TaskSpec spec(TaskId id, @Nullable SubmitKey key, String fingerprint) {
        Long subtaskTimeoutMs = object.subtaskTimeoutMs();
        Long timeoutMs = object.timeoutMs();
        Instant notBefore = object.notBefore();
        return TaskSpec.of(id, object.type())
                .submittedAs(key, fingerprint)
                .derivable(isDerivable())
                .foldOrder(folding.isExact() ? TaskSpec.FoldOrder.ANY : TaskSpec.FoldOrder.ASCENDING)
                .foldable(isFoldable())
                .keepsResults(folding.keepsResults())
                .earlyEnd(earlyEnd())
                .onFailure(TaskSpec.OnFailure.valueOf(object.onFailure().name()))
                .priority(object.priority())
                .maxAttempts(object.maxAttempts())
                .subtaskTimeoutMs(subtaskTimeoutMs == null ? 0 : subtaskTimeoutMs)
                .timeoutMs(timeoutMs == null ? 0 : timeoutMs)
                .paused(object.paused())
                .notBeforeMs(notBefore == null ? 0 : notBefore.toEpochMilli())
                .build();
    }

    /** How many subtasks it has, and what it took in memory without its results when it came. */
    TaskSize size() {
        return new TaskSize(count, OPEN_TASK_BYTES + object.sizeBytes());
    }

    /** What the core does not know of the task changes. */
    void patch(TaskPatch patch) {
        Map<String, String> others = patch.labels();
        labels = others == null ? labels : others;
    }

    /** How many subtasks it has. */
    long count() {
        return count;
    }

    /** Its results so far; to be used in {@link #foldLane}, but for what says otherwise. */
    Folding<?> folding() {
        return folding;
    }

    /** Where its payloads are made. */
    TypeLane payloadLane() {
        return payloadLane;
    }

    /** Whether code that is not ours combines its results. */
    boolean isCombinedByForeignCode() {
        return asksForPayloads && lane.isForeign();
    }

    /**
     * Where its results are combined. What is large is not quick, so once some that come are large, or what was combined and
     * is written out for each commit, this is off the loop for good. What was asked for before is done by then: on the loop
     * it is done at once.
     */
    TypeLane foldLane() {
        return foldLane(!folding.keepsResults() && isFoldedLarge());
    }

    /** Where these are looked at, and combined with the others. To add up whole numbers is quick. */
    TypeLane foldLane(ResultValues results) {
        boolean areLarge = !(results instanceof ResultValues.Longs) && results.sizeBytes() > LARGE_BYTES;
        return foldLane(areLarge || !folding.keepsResults() && isFoldedLarge());
    }

    /** Where the answer is made and written out. */
    TypeLane finishLane() {
        return foldLane(isFoldedLarge());
    }

    private TypeLane foldLane(boolean isLarge) {
        if (isLarge && foldLane == TypeLane.INLINE) {
            foldLane = largeLanes.get();
        }
        return foldLane;
    }

    /** To be asked only while nothing runs elsewhere that changes it. */
    private boolean isFoldedLarge() {
        return foldLane == TypeLane.INLINE && folding.sizeBytes() > LARGE_BYTES;
    }

    /** Which result makes the others unnecessary. */
    EarlyEnd earlyEnd() {
        if (object.combine() == CombineMode.FIRST) {
            return EarlyEnd.FIRST;
        }
        return object.combine() == CombineMode.ANY ? EarlyEnd.ANY : EarlyEnd.NONE;
    }

    /** Whether a worker may fold results itself: it knows the type's own way to combine, and no other. */
    boolean isFoldable() {
        return isCombinedByType && folding.isExact();
    }

    /** Whether what is folded is the same as if subtasks that failed had never been. */
    boolean forgetsFailures() {
        return !asksForPayloads && !folding.keepsResults();
    }

    /** Subtasks that are out of attempts, in a task that goes on without them. In {@link #foldLane}. */
    void foldFailed(int chunk, long from, long to) {
        folding.foldFailed(chunk, from, to, asksForPayloads ? subtasks : null);
    }

    /** Whether a worker can make the payloads itself from the params. */
    boolean isDerivable() {
        return object.payloads() == null;
    }

    /** The payloads from {@code from} on, as many up to {@code to} as fit. In {@link #payloadLane}. */
    PayloadText payloads(long from, long to, int mostBytes) throws IOException {
        return ahead == null ? PayloadText.write(subtasks, from, to, mostBytes) : ahead.take(from, to, mostBytes);
    }

    /** Whether payloads are made before they are asked for, by {@link #makePayloadsAhead}. */
    boolean makesPayloadsAhead() {
        return ahead != null;
    }

    /** Makes that many payloads for the next lease. In {@link #payloadLane}. */
    void makePayloadsAhead(long howMany) throws IOException {
        if (ahead != null) {
            ahead.make(howMany);
        }
    }

    /** What is stored of the task next needs its type's code first, so it comes to the store later than what is behind it. */
    void deferCommit(long commit) {
        if (deferredCommits == null) {
            deferredCommits = new ArrayDeque<>(1);
        }
        deferredCommits.add(commit);
    }

    /** The first commit that was deferred and is not known to be durable; 0 if there is none. It is not told a second time. */
    long takeDeferredCommit() {
        Long first = deferredCommits == null ? null : deferredCommits.poll();
        return first == null ? 0 : first;
    }

    /** What is kept of its results is too much: all of that is let go, and nothing more is folded. */
    void outgrow() {
        isOutgrown = true;
        folding.drop();
    }

    /** Whether it fails because too much was kept of its results. */
    boolean isOutgrown() {
        return isOutgrown;
    }

    /** The code of its type is not needed any more, nor what was folded. */
    void end() {
        hasEnded = true;
        folding.drop();
        lane.end();
        foldLane.end();
        if (ahead != null) {
            ahead.end();
        }
    }

    @Override
    public boolean takesAtOnce(ResultValues results) {
        return !isCombinedByForeignCode() && results instanceof ResultValues.Longs longs && folding.takesAll(longs);
    }

    @Override
    public void inspect(ResultValues results, Guard.Code<Runnable> look, Consumer<Outcome<Runnable>> then) {
        foldLane(results).call("complaint", results.sizeBytes(), look, then);
    }

    @Override
    public @Nullable String complaint(JsonNode result) {
        return folding.complaint(result);
    }

    @Override
    public @Nullable String complaintAboutFolded(JsonNode folded) {
        return folding.complaintAboutFolded(folded);
    }

    @Override
    public boolean hasEnded() {
        return hasEnded;
    }

    TaskNotes notes() {
        return new TaskNotes(object.name(), labels);
    }
}
