package io.divvy.task.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.task.Combiner;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.RangeFolder;
import io.divvy.task.Subtasks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The answer does not depend on how results are grouped, nor on their order if the combiner is exact. */
final class FoldCheck<A> {
    private static final long[] OTHER_SPLITS = {1, 2, 3, 7, 100};
    /** How far sums of doubles may lie apart if they are grouped otherwise. A server always groups them in one way. */
    private static final double ROUNDING = 1e-9;

    private final Trial trial;
    private final Combiner<A> combiner;
    private final int rounds;
    private final Subtasks subtasks;
    private final List<JsonNode> results;
    private final JsonNode answer;
    private final Random random;

    FoldCheck(Trial trial, Combiner<A> combiner, int rounds) {
        this.trial = trial;
        this.combiner = combiner;
        this.rounds = rounds;
        this.subtasks = trial.split(null);
        this.results = trial.results(subtasks);
        for (int index = 0; index < results.size(); index++) {
            requireTaken("result of subtask " + index, results.get(index), combiner.complaint(results.get(index)));
        }
        this.answer = combiner.finish(fold(results));
        this.random = new Random(trial.seed());
    }

    void check() {
        requireBits("the same results a second time", fold(results));
        requireAnswer("nothing before the results", combiner.merge(combiner.empty(), fold(results)));
        requireAnswer("nothing behind the results", combiner.merge(fold(results), combiner.empty()));
        for (int round = 0; round < rounds; round++) {
            List<List<JsonNode>> groups = groups();
            requireAnswer("groups merged from left to right", fromTheLeft(groups));
            requireAnswer("groups merged in pairs", inPairs(groups));
            if (combiner.isExact()) {
                requireAnswer("results in another order", fold(shuffled(results)));
                requireAnswer("groups in another order", fromTheLeft(shuffled(groups)));
                requireAnswer("groups that were folded to JSON", fromJson(groups));
            }
            if (!combiner.keepsResults()) {
                requireSameStored(groups);
            }
        }
        RangeFolder folder = trial.type().rangeFolder();
        if (folder != null) {
            checkRanges(folder);
        }
    }

    private void checkRanges(RangeFolder folder) {
        if (!combiner.isExact()) {
            throw trial.wrong("the type folds ranges, but its combiner is not exact; expected one that is");
        }
        if (results.isEmpty()) {
            return;
        }
        checkRange(folder, 0, results.size());
        for (int round = 0; round < rounds; round++) {
            int from = random.nextInt(results.size());
            checkRange(folder, from, from + 1 + random.nextInt(results.size() - from));
        }
    }

    private void checkRange(RangeFolder folder, int from, int to) {
        String range = "the range from " + from + " to " + to;
        JsonNode folded;
        try {
            folded = trial.overTheWire(folder.foldRange(subtasks, from, to, new Trial.Undisturbed(from)));
        } catch (Exception e) {
            throw trial.wrong("the range folder failed for " + range, e);
        }
        JsonNode expected = trial.overTheWire(combiner.toFolded(fold(results.subList(from, to))));
        if (!folded.toString().equals(expected.toString())) {
            throw trial.wrong("the range folder gives " + Trial.shown(folded) + " for " + range
                    + "; expected what its results fold to, " + Trial.shown(expected));
        }
        requireTaken("fold of " + range, folded, combiner.complaintAboutFolded(folded));
    }

    /** The same params in other numbers of subtasks, where the type takes them. */
    void checkOtherSplits() {
        for (long wanted : OTHER_SPLITS) {
            try {
                Subtasks other = trial.type().split(trial.params().deepCopy(), wanted);
                requireAnswer("a split into " + wanted, fold(trial.results(other)));
            } catch (InvalidParamsException e) {
                // The type does not take that number, as it may.
            }
        }
    }

    private A fold(List<JsonNode> some) {
        return addAll(combiner.empty(), some);
    }

    private A addAll(A accumulator, List<JsonNode> some) {
        for (JsonNode result : some) {
            accumulator = result.isIntegralNumber() && result.canConvertToLong()
                    ? combiner.add(accumulator, result.longValue())
                    : combiner.add(accumulator, result);
        }
        return accumulator;
    }

    private A fromTheLeft(List<List<JsonNode>> groups) {
        A accumulator = combiner.empty();
        for (List<JsonNode> group : groups) {
            accumulator = combiner.merge(accumulator, fold(group));
        }
        return accumulator;
    }

    private A inPairs(List<List<JsonNode>> groups) {
        if (groups.size() == 1) {
            return fold(groups.get(0));
        }
        int middle = groups.size() / 2;
        return combiner.merge(inPairs(groups.subList(0, middle)), inPairs(groups.subList(middle, groups.size())));
    }

    private A fromJson(List<List<JsonNode>> groups) {
        A accumulator = combiner.empty();
        for (List<JsonNode> group : groups) {
            JsonNode folded = trial.overTheWire(combiner.toFolded(fold(group)));
            requireTaken("fold of some results", folded, combiner.complaintAboutFolded(folded));
            accumulator = combiner.addFolded(accumulator, folded);
        }
        return accumulator;
    }

    /** What a server stores of a fold, it can go on with, to the same bits. */
    private void requireSameStored(List<List<JsonNode>> groups) {
        A straight = combiner.empty();
        A restarted = combiner.empty();
        for (List<JsonNode> group : groups) {
            straight = addAll(straight, group);
            restarted = addAll(restarted, group);
            if (group.isEmpty()) {
                continue;
            }
            int failed = random.nextInt(results.size());
            straight = combiner.addFailed(straight, subtasks.payload(failed));
            restarted = combiner.addFailed(restarted, subtasks.payload(failed));
            restarted = combiner.fromStored(trial.overTheWire(combiner.toStored(restarted)));
        }
        String expected = combiner.finish(straight).toString();
        String got = combiner.finish(restarted).toString();
        if (!got.equals(expected)) {
            throw trial.wrong("another answer for a fold that was stored and went on: " + got + "; expected " + expected
                    + ". See Combiner.toStored and fromStored");
        }
    }

    /** The results cut at random places, each group with at least one of them; one empty group of none. */
    private List<List<JsonNode>> groups() {
        if (results.isEmpty()) {
            return List.of(List.of());
        }
        List<List<JsonNode>> groups = new ArrayList<>();
        int most = 1 + random.nextInt(results.size());
        for (int from = 0; from < results.size(); ) {
            int to = Math.min(results.size(), from + 1 + random.nextInt(most));
            groups.add(results.subList(from, to));
            from = to;
        }
        return groups;
    }

    private <T> List<T> shuffled(List<T> list) {
        List<T> copy = new ArrayList<>(list);
        Collections.shuffle(copy, random);
        return copy;
    }

    private void requireTaken(String what, JsonNode value, @Nullable String complaint) {
        if (complaint != null) {
            throw trial.wrong("the combiner does not take the " + what + ", " + Trial.shown(value) + ": " + complaint);
        }
    }

    private void requireAnswer(String how, A accumulator) {
        if (combiner.isExact()) {
            requireBits(how, accumulator);
            return;
        }
        JsonNode other = combiner.finish(accumulator);
        if (!answer.equals(UP_TO_ROUNDING, other)) {
            throw otherAnswer(how, other);
        }
    }

    private void requireBits(String how, A accumulator) {
        JsonNode other = combiner.finish(accumulator);
        if (!answer.toString().equals(other.toString())) {
            throw otherAnswer(how, other);
        }
    }

    private AssertionError otherAnswer(String how, JsonNode other) {
        return trial.wrong(
                "another answer for " + how + ": " + Trial.shown(other) + "; expected " + Trial.shown(answer));
    }

    private static final Comparator<JsonNode> UP_TO_ROUNDING = (left, right) -> {
        if (left.isFloatingPointNumber() && right.isNumber()) {
            double a = left.doubleValue();
            double b = right.doubleValue();
            return Math.abs(a - b) <= ROUNDING * Math.max(Math.abs(a), Math.abs(b)) ? 0 : 1;
        }
        return left.equals(right) ? 0 : 1;
    };
}
