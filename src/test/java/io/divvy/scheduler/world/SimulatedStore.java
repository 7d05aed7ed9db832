package io.divvy.scheduler.world;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSpec;
import io.divvy.store.ChunkRow;
import io.divvy.store.ListQuery;
import io.divvy.store.NewTask;
import io.divvy.store.ReadFailure;
import io.divvy.store.Rerun;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskStore;
import io.divvy.store.UnfinishedTask;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What survives when the server dies. It commits at once, or it takes its time, fails, comes back, and loses replies. Every
 * change that it is given is held to what it has already.
 */
final class SimulatedStore implements TaskStore {
    private static final long RETRY_MS = 200;

    private final World world;
    private final boolean isDurable;
    private final boolean commitsAtOnce;
    private final SplittableRandom random;
    private final Map<TaskId, Saved> tasks = new LinkedHashMap<>();
    private final Map<SubmitKey, Saved> byKey = new HashMap<>();

    private final Deque<StoreCommit> asked = new ArrayDeque<>();
    /** The transaction that runs. */
    private List<StoreCommit> underWay = List.of();

    /** New tasks that could not be stored: what else is asked for them is not done either. */
    private final Set<TaskId> givenUp = new HashSet<>();

    private Executor loop = Runnable::run;
    private Listener listener = new Deaf();
    private boolean isFailing;
    private boolean toldFailing;
    private boolean isKnownToFail;
    private long slowUntilMs;
    /** Counts servers: what was begun for a former one has no effect on the present one. */
    private int epoch;

    /** Hears of nothing, before there is a server. */
    private static final class Deaf implements Listener {
        @Override
        public void failing(String why) {}

        @Override
        public void recovered() {}

        @Override
        public void lost(String why) {}
    }

    SimulatedStore(World world, WorldSettings settings, SplittableRandom random) {
        this.world = world;
        this.isDurable = settings.savesProgress();
        this.commitsAtOnce = settings.commitsAtOnce();
        this.random = random;
    }

    // What the steps do to it.

    void fail() {
        isFailing = !commitsAtOnce;
    }

    void recover() {
        isFailing = false;
    }

    void slowDown(long ms) {
        slowUntilMs = world.nowMs() + ms;
    }

    void heal() {
        recover();
        slowUntilMs = 0;
    }

    /** Whether the server was told that it fails, and not yet that it does not any more. */
    boolean isKnownToFail() {
        return isKnownToFail;
    }

    /** The server is gone, and with it all that it asked for; but what is under way may happen, though nobody hears of it. */
    void serverCrashed() {
        epoch++;
        asked.clear();
        if (!underWay.isEmpty() && !isFailing && random.nextBoolean()) {
            world.note(() -> "the store commits what was under way, but nobody hears of it");
            underWay.forEach(this::apply);
        }
        underWay = List.of();
        givenUp.clear();
        toldFailing = false;
        isKnownToFail = false;
    }

    // What is durable, for those who hold others against it.

    boolean isIdle() {
        return asked.isEmpty() && underWay.isEmpty();
    }

    @Nullable
    Saved find(TaskId id) {
        return tasks.get(id);
    }

    /** What exists under that key. */
    @Nullable
    Saved find(SubmitKey key) {
        return byKey.get(key);
    }

    // What the server asks.

    @Override
    public boolean isDurable() {
        return isDurable;
    }

    @Override
    public void recover(Consumer<UnfinishedTask> found) {
        for (Saved task : tasks.values()) {
            if (task.end == null) {
                found.accept(task.unfinished());
            }
        }
    }

    @Override
    public void start(Executor loop, Listener listener) {
        this.loop = loop;
        this.listener = listener;
    }

    @Override
    public void createTask(NewTask task, Runnable committed, Consumer<String> failed) {
        ask(new StoreCommit(task.task().spec().id(), () -> create(task), committed, failed));
    }

    @Override
    public void patchTask(TaskId id, TaskPatch patch, Runnable committed) {
        ask(new StoreCommit(id, () -> saved(id).patch(patch), committed, null));
    }

    @Override
    public void advanceTask(TaskId id, TaskProgress progress, List<ChunkRow> chunks, Runnable committed) {
        ask(new StoreCommit(id, () -> saved(id).advance(progress, chunks), committed, null));
    }

    @Override
    public void finishTask(StoredTask task, Runnable committed) {
        ask(new StoreCommit(task.task().spec().id(), () -> finish(task), committed, null));
    }

    @Override
    public void findFinished(
            TaskId id, long longestResultBytes, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        read(() -> finished(tasks.get(id)).map(task -> task.withResultUpTo(longestResultBytes)), found);
    }

    @Override
    public void findFinishedByKey(SubmitKey key, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        read(() -> finished(byKey.get(key)), found);
    }

    private static Optional<StoredTask> finished(@Nullable Saved task) {
        return Optional.ofNullable(task).map(saved -> saved.end);
    }

    @Override
    public void deleteFinished(TaskId id, Consumer<Boolean> deleted) {
        read(() -> delete(id), deleted);
    }

    /** Its key is free again. */
    private boolean delete(TaskId id) {
        Saved task = tasks.get(id);
        if (task == null || task.end == null) {
            return false;
        }
        tasks.remove(id);
        byKey.values().remove(task);
        world.task(id).isDeleted = true;
        return true;
    }

    /** What is read is as it is when its turn comes, and is told later. */
    private <T> void read(Supplier<T> reading, Consumer<T> then) {
        if (commitsAtOnce) {
            then.accept(reading.get());
            return;
        }
        int askedIn = epoch;
        world.schedule(1 + random.nextInt(20), () -> {
            if (askedIn == epoch) {
                T found = reading.get();
                tell(() -> then.accept(found));
            }
        });
    }

    @Override
    public void findFailures(TaskId id, Consumer<Optional<Failures>> found, Consumer<ReadFailure> failed) {
        throw new UnsupportedOperationException("nobody in the world asks for failures");
    }

    @Override
    public void findRerun(TaskId id, Consumer<Optional<Rerun>> found, Consumer<ReadFailure> failed) {
        read(() -> Optional.ofNullable(tasks.get(id)).flatMap(Saved::rerun), found);
    }

    @Override
    public void openResult(TaskId id, Consumer<Optional<OpenedResult>> opened, Consumer<ReadFailure> failed) {
        throw new UnsupportedOperationException("nobody in the world reads results piece by piece");
    }

    @Override
    public void listFinished(ListQuery query, Consumer<Page> listed, Consumer<ReadFailure> failed) {
        throw new UnsupportedOperationException("nobody in the world asks for lists");
    }

    @Override
    public void sweep(long nowMs) {
        throw new UnsupportedOperationException("nothing is kept for too long");
    }

    @Override
    public long nextSweepMs() {
        return Long.MAX_VALUE;
    }

    @Override
    public void close() {
        // What is saved outlives the server.
    }

    // How it commits.

    private void tell(Runnable news) {
        loop.execute(news);
    }

    private void ask(StoreCommit commit) {
        if (commitsAtOnce) {
            commit.apply().run();
            commit.committed().run();
            return;
        }
        asked.add(commit);
        begin();
    }

    private void begin() {
        if (!underWay.isEmpty() || asked.isEmpty()) {
            return;
        }
        int count = random.nextInt(4) == 0 ? 1 : asked.size();
        List<StoreCommit> transaction = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            transaction.add(asked.remove());
        }
        underWay = transaction;
        long slowMs = Math.max(0, slowUntilMs - world.nowMs());
        int begunIn = epoch;
        world.schedule(1 + random.nextInt(20) + (slowMs == 0 ? 0 : random.nextLong(slowMs)), () -> end(begunIn));
    }

    private void end(int begunIn) {
        if (begunIn != epoch) {
            return;
        }
        if (isFailing) {
            failed();
            return;
        }
        List<StoreCommit> transaction = underWay;
        transaction.forEach(this::apply);
        underWay = List.of();
        if (toldFailing) {
            toldFailing = false;
            tellRecovered();
        }
        transaction.forEach(commit -> tell(commit.committed()));
        begin();
    }

    /** New tasks are given up; all else is tried until it is done. */
    private void failed() {
        if (!toldFailing) {
            toldFailing = true;
            tell(() -> {
                isKnownToFail = true;
                listener.failing("the disk is full");
            });
        }
        List<StoreCommit> given = new ArrayList<>(underWay);
        given.addAll(asked);
        List<StoreCommit> kept = new ArrayList<>();
        for (StoreCommit commit : given) {
            Consumer<String> giveUp = commit.failed();
            if (giveUp == null) {
                kept.add(commit);
            } else {
                givenUp.add(commit.task());
                tell(() -> giveUp.accept("the disk is full"));
            }
        }
        underWay = kept;
        asked.clear();
        int begunIn = epoch;
        if (kept.isEmpty()) {
            probe(begunIn);
        } else {
            world.schedule(RETRY_MS, () -> end(begunIn));
        }
    }

    private void tellRecovered() {
        tell(() -> {
            isKnownToFail = false;
            listener.recovered();
        });
    }

    /** With nothing to commit, a store that fails looks now and then whether it still does. */
    private void probe(int begunIn) {
        world.schedule(RETRY_MS, () -> {
            if (begunIn != epoch || !toldFailing) {
                return;
            }
            if (!isFailing && underWay.isEmpty()) {
                toldFailing = false;
                tellRecovered();
            } else {
                probe(begunIn);
            }
        });
    }

    private void apply(StoreCommit commit) {
        if (!givenUp.contains(commit.task())) {
            commit.apply().run();
        }
    }

    private void create(NewTask created) {
        TaskSpec spec = created.task().spec();
        Saved saved = new Saved(created, world.task(spec.id()));
        Violation.unless(tasks.put(spec.id(), saved) == null, () -> spec + " is created twice");
        if (spec.submitKey() != null) {
            Saved sameKey = byKey.put(spec.submitKey(), saved);
            Violation.unless(sameKey == null, () -> saved.task + " exists twice under " + spec.submitKey());
        }
    }

    private void finish(StoredTask end) {
        Saved saved = saved(end.task().spec().id());
        Violation.unless(saved.end == null, () -> saved.task + " ends twice");
        saved.end = end;
        saved.task.end = end;
        if (end.texts().whole() == null) {
            saved.chunks.clear();
        }
        RightEnd.require(saved, world.settings().limits().deathsUntilPoison());
    }

    private Saved saved(TaskId id) {
        return Violation.ifNull(tasks.get(id), () -> id + " changes, but it was never created");
    }
}
