package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.protocol.RefusedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Queries of several steps, of which each turn of the loop runs one. */
class QueryStepsTest {
    private final Queue<Runnable> nextTurns = new ArrayDeque<>();
    private final List<String> ran = new ArrayList<>();
    private final QuerySteps steps = new QuerySteps(nextTurns::add);

    private CompletableFuture<String> ask(String name, int count) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        int[] left = {count};
        BooleanSupplier step = () -> {
            ran.add(name);
            left[0]--;
            if (left[0] == 0) {
                answer.complete(name);
            }
            return left[0] > 0;
        };
        steps.add(answer, step);
        return answer;
    }

    private void turn() {
        assertEquals(1, nextTurns.size(), "there is one turn to come, however many wait");
        nextTurns.remove().run();
    }

    @Test
    void eachTurnRunsOneStepOfOneQuery() {
        CompletableFuture<String> long_ = ask("long", 3);
        CompletableFuture<String> short_ = ask("short", 1);
        assertEquals(List.of(), ran, "nothing runs in the turn in which it was asked");
        turn();
        assertEquals(List.of("long"), ran);
        turn();
        assertEquals(List.of("long", "short"), ran, "a short one does not wait for the end of a long one");
        assertEquals("short", short_.join());
        turn();
        turn();
        assertEquals(List.of("long", "short", "long", "long"), ran);
        assertEquals("long", long_.join());
        assertTrue(nextTurns.isEmpty(), "no turn is taken for nothing");
        ask("later", 1);
        turn();
        assertEquals("later", ran.get(ran.size() - 1));
    }

    @Test
    void abandonedQueriesAreNotRun() {
        CompletableFuture<String> gone = ask("gone", 2);
        turn();
        gone.cancel(false);
        ask("here", 1);
        turn();
        assertEquals(List.of("gone", "here"), ran);
        assertTrue(nextTurns.isEmpty());
    }

    @Test
    void aStepThatThrowsFailsItsAnswerAndNoOther() {
        CompletableFuture<String> broken = new CompletableFuture<>();
        steps.add(broken, () -> {
            throw new IllegalStateException("a mistake");
        });
        CompletableFuture<String> good = ask("good", 1);
        assertThrows(IllegalStateException.class, this::turn, "the loop logs it");
        turn();
        assertEquals("good", good.join());
        CompletionException failure = assertThrows(CompletionException.class, broken::join);
        assertEquals("a mistake", Objects.requireNonNull(failure.getCause()).getMessage());
    }

    @Test
    void queriesFailWhereThereIsNoTurnAnyMore() {
        QuerySteps stopped = new QuerySteps(turn -> false);
        CompletableFuture<String> answer = new CompletableFuture<>();
        stopped.add(answer, () -> true);
        assertInstanceOf(
                RefusedException.class,
                assertThrows(CompletionException.class, answer::join).getCause());
    }
}
