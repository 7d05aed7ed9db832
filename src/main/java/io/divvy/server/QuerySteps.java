package io.divvy.server;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Queries that take more than a look-up. Each is made in short steps, and in each turn of the loop one step of one of them is
 * run: however many ask, and however much, those who work wait for one step at most. On the loop's thread.
 */
final class QuerySteps {
    private final Predicate<Runnable> nextTurn;
    private final Queue<Query> waiting = new ArrayDeque<>();
    private boolean isScheduled;

    /** @param step returns whether there is more to do */
    private record Query(CompletableFuture<?> answer, BooleanSupplier step) {}

    /** @param nextTurn runs something on the loop in its next turn; returns false if there will be none */
    QuerySteps(Predicate<Runnable> nextTurn) {
        this.nextTurn = nextTurn;
    }

    /**
     * Runs the steps in turn with those of other queries, until one returns that there is no more to do, or nobody waits for
     * the answer any more. A step that throws fails the answer.
     */
    void add(CompletableFuture<?> answer, BooleanSupplier step) {
        waiting.add(new Query(answer, step));
        schedule();
    }

    private void schedule() {
        if (!isScheduled && !waiting.isEmpty()) {
            isScheduled = nextTurn.test(this::step);
            if (!isScheduled) {
                waiting.forEach(query -> query.answer.completeExceptionally(
                        new RefusedException(ErrorCode.BUSY, "the server has stopped", null)));
                waiting.clear();
            }
        }
    }

    private void step() {
        isScheduled = false;
        Query query = waiting.poll();
        while (query != null && query.answer.isDone()) {
            query = waiting.poll();
        }
        try {
            if (query != null && query.step.getAsBoolean()) {
                waiting.add(query);
            }
        } catch (RuntimeException | Error e) {
            query.answer.completeExceptionally(e);
            throw e;
        } finally {
            schedule();
        }
    }
}
