package io.divvy.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.Ledger;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskSnapshot;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A world around the core in which a test tells a story: workers come and go, the story turns the clock, and everything else
 * (splits, payloads, folds, commits) is done at once unless the story holds it back. The core's invariants are checked after
 * every event and every turn of the clock.
 */
final class SchedulerStory extends StoryPeers {
    private static final long SEED = 42;
    /** What fires may lead to what is due at once, but not for ever. */
    private static final int MOST_TICKS_AT_ONCE = 20;

    private final Limits limits;
    private final Scheduler core;
    private final Map<TaskId, StoryTask> plans = new HashMap<>();
    private final Map<TaskId, StoryFolding> foldings = new HashMap<>();
    private final Deque<Effect> toExecute = new ArrayDeque<>();
    private final Map<TaskId, Change.TaskFinished> stored = new HashMap<>();
    private final StorySaves saves = new StorySaves();
    private final Deque<Event> heldBack = new ArrayDeque<>();

    private boolean holdPayloads;
    private boolean holdFinishes;
    private boolean holdCommits;
    private boolean deferCommits;
    private long payloadsPerMessage = Long.MAX_VALUE;
    private boolean executing;
    private Consumer<Effect> listener = effect -> {};
    private long nowMs = 1_700_000_000_000L;
    private long requests;
    private long events;
    private long eventsPerCheck = 1;

    SchedulerStory() {
        this(Limits.DEFAULT);
    }

    SchedulerStory(Limits limits) {
        this(limits, false, SEED);
    }

    /** @param savesProgress whether the store keeps how far unfinished tasks came */
    SchedulerStory(Limits limits, boolean savesProgress, long seed) {
        this.limits = limits;
        core = new Scheduler(limits, RetryPolicy.DEFAULT, savesProgress, seed);
    }

    // What the story is told about.

    StoryWorker worker(String name) {
        StoryWorker worker = new StoryWorker(this, new WorkerId(workers.size() + 1), name);
        workers.put(worker.id, worker);
        return worker;
    }

    /** Submits a task. Returns the number of the request. */
    long submit(StoryTask plan) {
        plans.putIfAbsent(plan.id, plan);
        feed(new Event.TaskSubmitted(++requests, plan.spec(), plan.size()));
        return requests;
    }

    /** Submits a task that is accepted, as most are. */
    void submitAccepted(StoryTask plan) {
        isAccepted(submit(plan), plan.id.value(), plan.subtasks);
    }

    void cancel(String task) {
        feed(new Event.CancelRequested(new TaskId(task)));
    }

    /** Asks for a change of the task. Returns the number of the request. */
    long patch(String task, TaskPatch patch) {
        return patch(task, patch, plans.get(new TaskId(task)).size().bytes());
    }

    /** The same of a change after which it takes that much memory. */
    long patch(String task, TaskPatch patch, long sizeBytes) {
        feed(new Event.PatchRequested(++requests, new TaskId(task), patch, sizeBytes));
        return requests;
    }

    /** Changes the task's priority, which is done, as mostly. */
    void prioritize(String task, int priority) {
        isPatched(patch(task, TaskPatch.priority(priority)), task);
    }

    /** The store gives up the creation of the task, which is held back. */
    void failsToCreate(String task, String message) {
        long commit = saves.creationOf(new TaskId(task));
        heldBack.removeIf(event -> event.equals(new Event.StoreCommitted(commit)));
        feed(new Event.CreationFailed(commit, new TaskId(task), message));
    }

    /** How far the task came, each time that this was handed to the store. */
    List<Change.TaskAdvanced> saved(String task) {
        return saves.advances(new TaskId(task));
    }

    /** Another server goes on from what this one had handed to the store, in the same order and at the same time. */
    SchedulerStory restart() {
        return restart(0);
    }

    /** The same, of a server with other limits. */
    SchedulerStory restart(Limits others) {
        return restart(0, others);
    }

    /** The same, of a server that takes so long until it has restored all of its tasks and turns for the first time. */
    SchedulerStory restart(long tookMs) {
        return restart(tookMs, limits);
    }

    private SchedulerStory restart(long tookMs, Limits limits) {
        SchedulerStory after = new SchedulerStory(limits, true, SEED);
        after.nowMs = nowMs;
        after.plans.putAll(plans);
        saves.restoreInto(after.saves, (restored, accumulators) -> {
            StoryFolding folding = after.folding(restored.spec().id());
            restored.chunks().forEach(chunk -> {
                StoryFolding.Accumulator accumulator = accumulators.get(chunk.number());
                if (accumulator != null) {
                    folding.restore(chunk.number(), accumulator, StorySaves.covered(chunk));
                }
            });
            after.run(after.core.handle(restored, after.nowMs));
        });
        after.nowMs += tookMs;
        after.doWhatIsDue();
        return after;
    }

    void breakTask(String task, TaskFailure.Code code, String message) {
        feed(new Event.TaskBroke(new TaskId(task), code, message));
    }

    void watch(String task, boolean wanted) {
        feed(new Event.ProgressWanted(new TaskId(task), wanted));
    }

    /** Why the task is not finished. */
    List<Explanation> explain(String task) {
        return assertNotNull(core.explain(new TaskId(task)), task + " is not open");
    }

    // How the world behaves.

    void holdPayloads() {
        holdPayloads = true;
    }

    void holdFinishes() {
        holdFinishes = true;
    }

    void holdCommits() {
        holdCommits = true;
    }

    /** No message holds more payloads than this. */
    void payloadsPerMessage(long most) {
        payloadsPerMessage = most;
    }

    /** For stories of very many events, in which checking costs more than the story. */
    void checkEvery(long manyEvents) {
        eventsPerCheck = manyEvents;
    }

    /** What was held back happens now, in its order; nothing is held back from now on. */
    void releaseHeld() {
        holdPayloads = false;
        holdFinishes = false;
        holdCommits = false;
        while (!heldBack.isEmpty()) {
            feed(heldBack.remove());
        }
    }

    /** What is asked of the store now comes to it later than what is asked for after it. */
    void deferCommits() {
        deferCommits = true;
    }

    /** What was held back longest, for the test to tell it later. */
    Event takeHeld() {
        deferCommits = false;
        return heldBack.remove();
    }

    /** What was held back longest happens now. */
    void releaseOne() {
        feed(heldBack.remove());
    }

    /** For a test that wants to see all that the core ever says. */
    void listen(Consumer<Effect> listener) {
        this.listener = listener;
    }

    /** Turns the clock, stopping wherever the core has something to do. */
    void pass(long ms) {
        long untilMs = nowMs + ms;
        while (core.nextDeadlineMs() <= untilMs) {
            nowMs = Math.max(nowMs, core.nextDeadlineMs());
            doWhatIsDue();
        }
        nowMs = untilMs;
        tick();
    }

    private void doWhatIsDue() {
        for (int ticks = 0; core.nextDeadlineMs() <= nowMs; ticks++) {
            assertTrue(ticks < MOST_TICKS_AT_ONCE, "a deadline is set in the past again and again");
            tick();
        }
    }

    /** Turns the clock while nobody looks: the core hears of it with the next event only. */
    void passUnnoticed(long ms) {
        nowMs += ms;
    }

    /** The server is stopped for so long, and then goes on. What workers say meanwhile it hears after that. */
    void standsStill(long ms) {
        nowMs += ms;
        run(core.handle(new Event.TimeLost(ms), nowMs));
    }

    private void tick() {
        run(core.tick(nowMs));
    }

    long nowMs() {
        return nowMs;
    }

    Scheduler core() {
        return core;
    }

    /** What happened; then, as the loop does, what has become due by now. */
    void feed(Event event) {
        run(core.handle(event, nowMs));
        if (!executing) {
            doWhatIsDue();
        }
    }

    private void run(List<Effect> effects) {
        if (++events % eventsPerCheck == 0) {
            CoreInspection.checkInvariants(core);
        }
        toExecute.addAll(effects);
        if (executing) {
            return;
        }
        executing = true;
        while (!toExecute.isEmpty()) {
            Effect effect = toExecute.remove();
            listener.accept(effect);
            effect.dispatch(this);
        }
        executing = false;
    }

    private void feedUnless(boolean held, Event event) {
        if (held) {
            heldBack.add(event);
        } else {
            feed(event);
        }
    }

    Ledger ledger(String task) {
        return snapshot(task).ledger();
    }

    TaskSnapshot snapshot(String task) {
        return assertNotNull(core.find(new TaskId(task)), task + " is not open");
    }

    /** The story is over: nobody was told anything that it did not ask about, and the core holds nothing any more. */
    void isOver() {
        assertEquals(List.of(), List.copyOf(replies), "replies that the story did not ask about");
        workers.values().forEach(StoryWorker::hasNothing);
        assertEquals(List.of(), List.copyOf(heldBack), "what is still held back");
        assertEquals(0, core.openTasks(), "open tasks");
        assertEquals(0, core.openTaskBytes(), "bytes of open tasks");
        assertEquals(0, core.earlyResultBytes(), "bytes of early results");
        assertEquals(0, core.unsavedResultBytes(), "bytes of unsaved results");
        CoreInspection.checkInvariants(core);
    }

    // The world: it does what the core asks for.

    @Override
    public void on(Effect.MakePayloads effect) {
        long to = effect.from() + Math.min(effect.to() - effect.from(), payloadsPerMessage);
        feedUnless(
                holdPayloads,
                new Event.PayloadsReady(effect.task(), effect.lease(), to, new IndexPayloads(effect.from(), to)));
    }

    @Override
    public void on(Effect.Fold effect) {
        folding(effect.task()).fold(effect);
    }

    @Override
    public void on(Effect.FoldCombined effect) {
        folding(effect.task()).foldCombined(effect);
    }

    @Override
    public void on(Effect.FoldFailed effect) {
        folding(effect.task()).foldFailed(effect);
    }

    @Override
    public void on(Effect.CloseChunk effect) {
        folding(effect.task()).closeChunk(effect);
    }

    private StoryFolding folding(TaskId task) {
        StoryTask plan = plans.get(task);
        return foldings.computeIfAbsent(task, id -> new StoryFolding(plan.spec(), plan.subtasks));
    }

    @Override
    public void on(Effect.Finish effect) {
        feedUnless(
                holdFinishes,
                new Event.CombineFinished(effect.task(), folding(effect.task()).finish()));
    }

    @Override
    public void on(Effect.Persist effect) {
        if (effect.change() instanceof Change.TaskFinished finished) {
            stored.put(finished.task().spec().id(), finished);
        }
        saves.save(effect, (task, chunk) -> folding(task).saved(chunk));
        if (deferCommits) {
            feed(new Event.CommitDeferred(effect.commit()));
        }
        feedUnless(holdCommits, new Event.StoreCommitted(effect.commit()));
    }

    @Override
    public void on(Effect.TaskEnded effect) {
        foldings.remove(effect.task().spec().id());
        super.on(effect);
    }

    @Override
    void checkLeft(Effect.TaskEnded ended) {
        assertEquals(
                new Change.TaskFinished(ended.task(), ended.answer()),
                stored.get(ended.task().spec().id()),
                "an end is told only when it is stored");
        assertEquals(null, core.find(ended.task().spec().id()), "a finished task leaves the core");
    }
}
