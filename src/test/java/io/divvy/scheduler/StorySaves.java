package io.divvy.scheduler;

import io.divvy.state.ChunkProgress;
import io.divvy.state.Part;
import io.divvy.state.Range;
import io.divvy.state.TaskId;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A store of a story: what a server handed to it is there for the next one. */
final class StorySaves {
    private final Map<TaskId, SavedTask> unfinished = new LinkedHashMap<>();
    private final Map<TaskId, Long> creations = new HashMap<>();

    private static final class SavedTask {
        final TaskSnapshot created;
        final List<Change.TaskAdvanced> advances = new ArrayList<>();
        final Map<Integer, ChunkProgress> chunks = new TreeMap<>();
        final Map<Integer, StoryFolding.Accumulator> accumulators = new HashMap<>();
        TaskSpec spec;
        TaskProgress progress;

        SavedTask(TaskSnapshot created) {
            this.created = created;
            this.spec = created.spec();
            this.progress = new TaskProgress(null, 0, 0, created.ledger().total(), "");
        }
    }

    void save(Effect.Persist persist, BiFunction<TaskId, Integer, StoryFolding.@Nullable Accumulator> accumulatorOf) {
        persist.change().dispatch(new Change.Handler() {
            @Override
            public void on(Change.TaskCreated change) {
                TaskId id = change.task().spec().id();
                creations.put(id, persist.commit());
                unfinished.put(id, new SavedTask(change.task()));
            }

            @Override
            public void on(Change.TaskPatched change) {
                SavedTask saved = unfinished.get(change.task());
                saved.spec = saved.spec.patched(change.patch());
            }

            @Override
            public void on(Change.TaskAdvanced change) {
                SavedTask saved = unfinished.get(change.task());
                saved.advances.add(change);
                saved.progress = change.progress();
                for (ChunkProgress chunk : change.chunks()) {
                    saved.chunks.merge(chunk.number(), chunk, StorySaves::merged);
                    StoryFolding.Accumulator accumulator = accumulatorOf.apply(change.task(), chunk.number());
                    if (accumulator != null) {
                        saved.accumulators.put(chunk.number(), accumulator);
                    }
                }
            }

            @Override
            public void on(Change.TaskFinished change) {
                unfinished.remove(change.task().spec().id());
            }
        });
    }

    /** As a store does: new parts come to the others, and those that the accumulator has by now are deleted. */
    private static ChunkProgress merged(ChunkProgress old, ChunkProgress now) {
        if (now.seq() != old.seq() + 1) {
            throw new AssertionError("chunk " + now.number() + " was saved as " + now.seq() + " after " + old.seq());
        }
        List<Part> parts = new ArrayList<>(old.parts());
        parts.addAll(now.parts());
        parts.removeIf(part -> part.to() <= now.foldedTo());
        parts.sort((one, other) -> Long.compare(one.from(), other.from()));
        ChunkProgress.Draft merged = new ChunkProgress.Draft(now.number(), now.seq());
        merged.closed = now.closed();
        merged.failed = now.failed();
        merged.foldedTo = now.foldedTo();
        merged.attempts = now.attempts();
        merged.parts = parts;
        return merged.finish();
    }

    /** The closed indexes that the accumulator of a chunk covers. */
    static List<Range> covered(ChunkProgress chunk) {
        return chunk.closed().stream()
                .filter(range -> range.from() < chunk.foldedTo())
                .toList();
    }

    long creationOf(TaskId task) {
        return creations.get(task);
    }

    List<Change.TaskAdvanced> advances(TaskId task) {
        SavedTask saved = unfinished.get(task);
        return saved == null ? List.of() : saved.advances;
    }

    void restoreInto(
            StorySaves other, BiConsumer<Event.TaskRestored, Map<Integer, StoryFolding.Accumulator>> restored) {
        other.unfinished.putAll(unfinished);
        List.copyOf(unfinished.values())
                .forEach(task -> restored.accept(
                        new Event.TaskRestored(
                                task.spec,
                                new TaskSize(task.created.ledger().total(), 1_000),
                                task.created.submittedMs(),
                                task.progress,
                                List.copyOf(task.chunks.values())),
                        task.accumulators));
    }
}
