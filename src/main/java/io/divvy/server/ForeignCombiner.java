package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.task.Combiner;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A combiner that is foreign code: the time of each call is taken, and what it is like is asked for once, as it may say
 * something else the next time. What it is given is its own, so that it may change it; a complaint that fails is one.
 */
final class ForeignCombiner<A> implements Combiner<A> {
    private final Combiner<A> combiner;
    private final TypeLane lane;
    private final boolean isExact;
    private final boolean keepsResults;

    ForeignCombiner(Combiner<A> combiner, TypeLane lane) {
        this.combiner = Objects.requireNonNull(combiner, "combiner returned null");
        this.lane = lane;
        lane.begin("isExact");
        this.isExact = combiner.isExact();
        lane.begin("keepsResults");
        this.keepsResults = combiner.keepsResults();
    }

    @Override
    public A empty() {
        lane.begin("empty");
        return Objects.requireNonNull(combiner.empty(), "empty returned null");
    }

    @Override
    public @Nullable String complaint(JsonNode result) {
        return complain("complaint", () -> combiner.complaint(copy(result)));
    }

    @Override
    public @Nullable String complaint(long result) {
        return complain("complaint", () -> combiner.complaint(result));
    }

    @Override
    public A add(A accumulator, JsonNode result) {
        lane.begin("add");
        return Objects.requireNonNull(combiner.add(accumulator, copy(result)), "add returned null");
    }

    @Override
    public A add(A accumulator, long result) {
        lane.begin("add");
        return Objects.requireNonNull(combiner.add(accumulator, result), "add returned null");
    }

    @Override
    public A addFailed(A accumulator) {
        lane.begin("addFailed");
        return Objects.requireNonNull(combiner.addFailed(accumulator), "addFailed returned null");
    }

    @Override
    public A addFailed(A accumulator, JsonNode payload) {
        lane.begin("addFailed");
        return Objects.requireNonNull(combiner.addFailed(accumulator, copy(payload)), "addFailed returned null");
    }

    @Override
    public JsonNode toFolded(A accumulator) {
        lane.begin("toFolded");
        return Objects.requireNonNull(combiner.toFolded(accumulator), "toFolded returned null");
    }

    @Override
    public @Nullable String complaintAboutFolded(JsonNode folded) {
        return complain("complaintAboutFolded", () -> combiner.complaintAboutFolded(copy(folded)));
    }

    @Override
    public A addFolded(A accumulator, JsonNode folded) {
        lane.begin("addFolded");
        return Objects.requireNonNull(combiner.addFolded(accumulator, copy(folded)), "addFolded returned null");
    }

    @Override
    public JsonNode toStored(A accumulator) {
        lane.begin("toStored");
        return Objects.requireNonNull(combiner.toStored(accumulator), "toStored returned null");
    }

    @Override
    public A fromStored(JsonNode stored) {
        lane.begin("fromStored");
        return Objects.requireNonNull(combiner.fromStored(stored), "fromStored returned null");
    }

    @Override
    public A merge(A left, A right) {
        lane.begin("merge");
        return Objects.requireNonNull(combiner.merge(left, right), "merge returned null");
    }

    @Override
    public JsonNode finish(A accumulator) {
        lane.begin("finish");
        return Objects.requireNonNull(combiner.finish(accumulator), "finish returned null");
    }

    private interface Complaint {
        @Nullable
        String ask();
    }

    private @Nullable String complain(String call, Complaint complaint) {
        Outcome<Optional<String>> outcome = Guard.call(() -> {
            lane.begin(call);
            return Optional.ofNullable(complaint.ask());
        });
        return outcome instanceof Outcome.Returned<Optional<String>> returned
                ? returned.value().orElse(null)
                : call + " failed: " + ((Outcome.Failed<Optional<String>>) outcome).failure();
    }

    /** Others hold what came too: the store, and the buffer of what is not folded yet. */
    private static JsonNode copy(JsonNode value) {
        return value.isContainerNode() ? value.deepCopy() : value;
    }

    @Override
    public boolean keepsResults() {
        return keepsResults;
    }

    @Override
    public boolean isExact() {
        return isExact;
    }
}
