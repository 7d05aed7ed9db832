package io.divvy.scheduler.world;

import io.divvy.scheduler.Change;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.IndexRanges;
import io.divvy.scheduler.Limits;
import io.divvy.state.ChunkProgress;
import io.divvy.state.Part;
import io.divvy.state.Range;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSnapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What survives when the server dies. It commits at once, or it takes its time, fails, comes back, and loses replies. Every
 * change that it is given is held to what it has already.
 */
final class SimulatedStore {
    private static final long RETRY_MS = 200;

    private final World world;
    private final boolean commitsAtOnce;
    private final SplittableRandom random;
    private final Map<TaskId, StoredTask> tasks = new LinkedHashMap<>();
    private final Map<SubmitKey, StoredTask> byKey = new HashMap<>();

    private final Deque<Commit> asked = new ArrayDeque<>();
    /** The transaction that runs. */
    private List<Commit> underWay = List.of();

    /** New tasks that could not be stored: what else is asked for them is not done either. */
    private final Set<TaskId> givenUp = new HashSet<>();

    private boolean isFailing;
    private boolean toldFailing;
    private boolean hasFailed;
    private long slowUntilMs;
    private long lastCommit;
    /** Counts servers: what was begun for a former one has no effect on the present one. */
    private int epoch;

    /** One change on its way, with the accumulators that go with it. */
    private record Commit(long number, Change change, Map<Integer, TaskFolding.Accumulator> accumulators) {}

    static final class StoredTask {
        final SimulatedTask task;
        final long submittedMs;
        final TreeMap<Integer, StoredChunk> chunks = new TreeMap<>();
        TaskProgress progress;

        @Nullable
        TaskSnapshot end;

        @Nullable
        SimulatedAnswer answer;

        private StoredTask(SimulatedTask task, long submittedMs) {
            this.task = task;
            this.submittedMs = submittedMs;
            this.progress = new TaskProgress(null, 0, 0, task.subtasks, "");
        }

        /** How many subtasks need not be done again. */
        long closed() {
            return chunks.values().stream()
                    .mapToLong(chunk -> chunk.closed.size())
                    .sum();
        }

        /** Whether what a worker did of it need not be done again. */
        boolean has(long from, long to) {
            if (end != null) {
                return true;
            }
            long chunkSize = Limits.chunkSize(task.subtasks);
            for (long index = from; index < to; ) {
                StoredChunk chunk = chunks.get((int) (index / chunkSize));
                long chunkTo = Math.min(to, (index / chunkSize + 1) * chunkSize);
                if (chunk == null || !chunk.closed.gapsWithin(index, chunkTo).isEmpty()) {
                    return false;
                }
                index = chunkTo;
            }
            return true;
        }

        Event.TaskRestored restored() {
            List<ChunkProgress> saved = new ArrayList<>();
            chunks.values().forEach(chunk -> saved.add(chunk.restored()));
            return new Event.TaskRestored(task.spec, task.size(), submittedMs, progress, saved);
        }
    }

    static final class StoredChunk {
        final IndexRanges closed = new IndexRanges();
        private final TreeMap<Long, Part> parts = new TreeMap<>();
        private ChunkProgress last;
        TaskFolding.@Nullable Accumulator accumulator;

        private StoredChunk(ChunkProgress first) {
            last = first;
        }

        private ChunkProgress restored() {
            return new ChunkProgress(
                    last.number(),
                    last.seq(),
                    last.closed(),
                    last.failed(),
                    last.foldedTo(),
                    last.attempts(),
                    List.copyOf(parts.values()));
        }
    }

    SimulatedStore(World world, boolean commitsAtOnce, SplittableRandom random) {
        this.world = world;
        this.commitsAtOnce = commitsAtOnce;
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

    /** Whether it failed since the server is there. */
    boolean hasFailed() {
        return hasFailed;
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
        lastCommit = 0;
        toldFailing = false;
        hasFailed = false;
    }

    // What the server asks.

    boolean isIdle() {
        return asked.isEmpty() && underWay.isEmpty();
    }

    @Nullable
    StoredTask find(TaskId id) {
        return tasks.get(id);
    }

    @Nullable
    StoredTask findByKey(@Nullable SubmitKey key) {
        return key == null ? null : byKey.get(key);
    }

    /** Forgets a finished task: its key is free again. */
    void delete(StoredTask stored) {
        tasks.remove(stored.task.spec.id());
        byKey.values().remove(stored);
    }

    List<StoredTask> unfinished() {
        return tasks.values().stream().filter(task -> task.end == null).toList();
    }

    void persist(long number, Change change, @Nullable TaskFolding folding) {
        Violation.unless(number == lastCommit + 1, () -> "commit " + number + " is asked for after " + lastCommit);
        lastCommit = number;
        Map<Integer, TaskFolding.Accumulator> accumulators = new HashMap<>();
        if (change instanceof Change.TaskAdvanced advanced && folding != null) {
            for (ChunkProgress chunk : advanced.chunks()) {
                TaskFolding.Accumulator accumulator = folding.accumulatorFor(chunk);
                if (accumulator != null) {
                    accumulators.put(chunk.number(), accumulator);
                }
            }
        }
        Commit commit = new Commit(number, change, accumulators);
        if (commitsAtOnce) {
            apply(commit);
            world.server().feed(new Event.StoreCommitted(number));
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
        List<Commit> transaction = new ArrayList<>();
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
        List<Commit> transaction = underWay;
        transaction.forEach(this::apply);
        underWay = List.of();
        if (toldFailing) {
            toldFailing = false;
            world.server().hear(new Event.StoreRecovered());
        }
        boolean isEachTold = random.nextBoolean();
        for (Commit commit : transaction) {
            if (isEachTold || commit == transaction.get(transaction.size() - 1)) {
                world.server().hear(new Event.StoreCommitted(commit.number));
            }
        }
        begin();
    }

    /** New tasks are given up; all else is tried until it is done. */
    private void failed() {
        if (!toldFailing) {
            toldFailing = true;
            hasFailed = true;
            world.server().hear(new Event.StoreFailing("the disk is full"));
        }
        List<Commit> given = new ArrayList<>(underWay);
        given.addAll(asked);
        List<Commit> kept = new ArrayList<>();
        for (Commit commit : given) {
            if (commit.change instanceof Change.TaskCreated created) {
                givenUp.add(created.task().spec().id());
                world.server()
                        .hear(new Event.CreationFailed(
                                commit.number, created.task().spec().id(), "the disk is full"));
            } else {
                kept.add(commit);
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

    /** With nothing to commit, a store that fails looks now and then whether it still does. */
    private void probe(int begunIn) {
        world.schedule(RETRY_MS, () -> {
            if (begunIn != epoch || !toldFailing) {
                return;
            }
            if (!isFailing && underWay.isEmpty()) {
                toldFailing = false;
                world.server().hear(new Event.StoreRecovered());
            } else {
                probe(begunIn);
            }
        });
    }

    private void apply(Commit commit) {
        if (commit.change instanceof Change.TaskCreated created) {
            givenUp.remove(created.task().spec().id());
            apply(created);
        } else if (commit.change instanceof Change.TaskAdvanced advanced && !givenUp.contains(advanced.task())) {
            apply(advanced, commit.accumulators);
        } else if (commit.change instanceof Change.TaskFinished finished
                && !givenUp.contains(finished.task().spec().id())) {
            apply(finished);
        }
    }

    private void apply(Change.TaskCreated created) {
        SimulatedTask task = world.task(created.task().spec());
        StoredTask stored = new StoredTask(task, created.task().submittedMs());
        Violation.unless(tasks.put(task.spec.id(), stored) == null, () -> task + " is created twice");
        if (task.spec.submitKey() != null) {
            StoredTask sameKey = byKey.put(task.spec.submitKey(), stored);
            Violation.unless(sameKey == null, () -> task + " exists twice under " + task.spec.submitKey());
        }
    }

    private void apply(Change.TaskAdvanced advanced, Map<Integer, TaskFolding.Accumulator> accumulators) {
        StoredTask stored = stored(advanced.task());
        Violation.unless(stored.end == null, () -> advanced.task() + " goes on after its end");
        stored.progress = advanced.progress();
        for (ChunkProgress progress : advanced.chunks()) {
            StoredChunk chunk = stored.chunks.get(progress.number());
            long seqBefore = chunk == null ? 0 : chunk.last.seq();
            Violation.unless(
                    progress.seq() == seqBefore + 1,
                    () -> advanced.task() + ": " + progress + " is saved after seq " + seqBefore);
            if (chunk == null) {
                chunk = new StoredChunk(progress);
                stored.chunks.put(progress.number(), chunk);
            }
            add(stored.task, chunk, progress, accumulators.get(progress.number()));
        }
    }

    private static void add(
            SimulatedTask task,
            StoredChunk chunk,
            ChunkProgress progress,
            TaskFolding.@Nullable Accumulator accumulator) {
        requireAttemptsKept(task, chunk.last, progress);
        chunk.last = progress;
        chunk.accumulator = accumulator;
        long before = chunk.closed.size();
        long added = 0;
        for (Range range : progress.closed()) {
            added += chunk.closed.add(range.from(), range.to());
        }
        Violation.unless(
                before + added
                        == progress.closed().stream().mapToLong(Range::size).sum(),
                () -> task + ": what was closed is open again in " + progress);
        for (Part part : progress.parts()) {
            Violation.unless(
                    chunk.parts.put(part.from(), part) == null && part.from() >= progress.foldedTo(),
                    () -> task + ": " + part + " is saved twice, or though it is folded");
        }
        chunk.parts.headMap(progress.foldedTo()).clear();
        IndexRanges has = new IndexRanges();
        for (Part part : chunk.parts.values()) {
            Violation.unless(
                    part.results() != null && has.add(part.from(), part.to()) == part.to() - part.from(),
                    () -> task + ": " + part + " overlaps another, or has no results");
        }
        for (Range range : progress.failed()) {
            if (range.to() > progress.foldedTo()) {
                has.add(Math.max(range.from(), progress.foldedTo()), range.to());
            }
        }
        IndexRanges needed = new IndexRanges();
        for (Range range : progress.closed()) {
            if (range.to() > progress.foldedTo()) {
                needed.add(Math.max(range.from(), progress.foldedTo()), range.to());
            }
        }
        Violation.unless(
                has.equals(needed),
                () -> task + ": the store has the results of " + has + " beside the folded ones, expected " + needed);
    }

    /** What went wrong with an open subtask is never forgotten; only deaths may, and may turn out to be none. */
    private static void requireAttemptsKept(SimulatedTask task, ChunkProgress before, ChunkProgress now) {
        for (ChunkProgress.Attempts former : before.attempts()) {
            boolean isClosed = now.closed().stream()
                    .anyMatch(range -> range.from() <= former.index() && former.index() < range.to());
            boolean isKept = now.attempts().stream()
                    .anyMatch(kept -> kept.index() == former.index() && kept.attempts() >= former.attempts());
            Violation.unless(
                    isClosed || isKept || former.attempts() == 0,
                    () -> task + ": the store has " + former + ", and now gets " + now.attempts());
        }
    }

    private void apply(Change.TaskFinished finished) {
        StoredTask stored = stored(finished.task().spec().id());
        Violation.unless(stored.end == null, () -> stored.task + " ends twice");
        stored.end = finished.task();
        stored.answer = (SimulatedAnswer) finished.answer();
        stored.chunks.clear();
    }

    private StoredTask stored(TaskId id) {
        return Violation.ifNull(tasks.get(id), () -> id + " changes, but it was never created");
    }
}
