package io.divvy.scheduler.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.CombineMode;
import io.divvy.protocol.Plain;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskObject.OnFailure;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskPatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** What senders of the world may want done. */
final class TaskPlan {
    /** Payloads that a sender makes itself: more would be too much for the memory that worlds have. */
    private static final long MOST_PAYLOADS = 12;

    private static final long MOST_LATER_MS = 20_000;

    private TaskPlan() {}

    /**
     * A task that may be anything that the task object has words for.
     *
     * @param number by which it is known again; it also says whether the task is to begin later, or to wait until it is resumed
     */
    static Wanted of(int number, long subtasks, @Nullable SubmitKey key, long nowMs, SplittableRandom salt) {
        boolean bringsPayloads = subtasks > 0 && subtasks <= MOST_PAYLOADS && salt.nextBoolean();
        CombineMode combine = combine(salt);
        // Those of dialect 1 have no word for null, so they get no tasks in which that is a result.
        boolean hasNulls = combine == CombineMode.FIRST || combine == CombineMode.ANY;
        WorldType type = !hasNulls && salt.nextInt(3) > 0 ? WorldType.NUMBERS : WorldType.LETTERS;
        WorldType.Fold[] folds = WorldType.Fold.values();
        WorldType.Fold fold = folds[salt.nextInt(folds.length)];
        boolean isRefused = !bringsPayloads && salt.nextInt(20) == 0;
        TaskObject object = new TaskObject(
                type.name(),
                bringsPayloads
                        ? JsonNodeFactory.instance.objectNode()
                        : WorldType.params(subtasks, fold, isRefused, salt.nextInt(1_000_000)),
                bringsPayloads ? payloads(subtasks) : null,
                combine,
                null,
                salt.nextInt(3),
                1 + salt.nextInt(4),
                salt.nextInt(3) == 0 ? 1L + salt.nextInt(3_000) : null,
                salt.nextInt(8) == 0 ? 1L + salt.nextInt(60_000) : null,
                salt.nextBoolean() ? OnFailure.CONTINUE : OnFailure.FAIL,
                key == null ? null : key.text(),
                null,
                Wanted.labels(number),
                number % 12 == 7,
                number % 12 == 5 ? Instant.ofEpochMilli(nowMs + number * 977L % MOST_LATER_MS) : null);
        long nullPeriod = 1 + salt.nextInt(2 * (int) Math.max(1, subtasks));
        return new Wanted(object, key, new Wanted.Shape(subtasks, isRefused, nullPeriod));
    }

    /** A task that dialect 1 has words for, which are a range and a number of subtasks. */
    static Wanted plain(int number, long subtasks, SubmitKey key) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.put("type", Plain.TASK_TYPE);
        object.putObject("params").put(WorldType.START, number).put("end", number + subtasks);
        object.put("subtasks", subtasks);
        try {
            return new Wanted(TaskObject.read(object), key, new Wanted.Shape(subtasks, false, 1));
        } catch (ProtocolException e) {
            throw new IllegalStateException("a task object of the world makes no sense: " + object, e);
        }
    }

    private static @Nullable CombineMode combine(SplittableRandom salt) {
        return switch (salt.nextInt(10)) {
            case 0 -> CombineMode.ANY;
            case 1 -> CombineMode.FIRST;
            case 2 -> CombineMode.COLLECT;
            case 3 -> CombineMode.SUM;
            case 4 -> salt.nextBoolean() ? CombineMode.COUNT : CombineMode.MAX;
            default -> null;
        };
    }

    private static List<JsonNode> payloads(long count) {
        List<JsonNode> payloads = new ArrayList<>();
        for (long index = 0; index < count; index++) {
            payloads.add(WorldType.payload(index));
        }
        return payloads;
    }

    /** Some change of a task. */
    static TaskPatch patch(SplittableRandom salt) {
        Integer priority = salt.nextInt(4) == 0 ? null : (Integer) (salt.nextInt(5) - 2);
        Boolean paused =
                switch (salt.nextInt(6)) {
                    case 0, 1 -> (Boolean) true;
                    case 2 -> (Boolean) false;
                    default -> null;
                };
        Map<String, String> labels = salt.nextInt(4) == 0 ? Map.of("patched", "yes") : null;
        return new TaskPatch(priority, labels, paused);
    }

    /** What a story has to say of a task: what it is like where tasks differ. */
    static String describe(Wanted wanted) {
        TaskObject object = wanted.object();
        StringJoiner words = new StringJoiner(", ");
        words.add(wanted.subtasks() + " subtasks of " + object.type());
        words.add(object.payloads() == null ? "with params " + object.params() : "that brings its payloads");
        CombineMode combine = object.combine();
        if (combine != null) {
            words.add("combined by " + combine.name().toLowerCase(Locale.ROOT));
        }
        words.add(object.onFailure() == OnFailure.FAIL ? "fails with a subtask" : "goes on without failed subtasks");
        words.add("attempts " + object.maxAttempts());
        words.add("priority " + object.priority());
        if (object.paused()) {
            words.add("paused");
        }
        if (object.notBefore() != null) {
            words.add("not before " + object.notBefore());
        }
        if (wanted.key() != null) {
            words.add("under " + wanted.key());
        }
        if (object.subtaskTimeoutMs() != null) {
            words.add(object.subtaskTimeoutMs() + " ms for a subtask");
        }
        if (object.timeoutMs() != null) {
            words.add(object.timeoutMs() + " ms for all of it");
        }
        return words.toString();
    }
}
