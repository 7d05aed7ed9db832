package io.divvy.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final Turns turns = new Turns(2);

    @Test
    void aBoundedNumberOfAnswersIsMadeAtOnceAndTheOthersInTheirOrder() {
        List<CompletableFuture<Integer>> started = new ArrayList<>();
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            answers.add(turns.take(() -> {
                started.add(new CompletableFuture<>());
                return started.get(started.size() - 1);
            }));
        }
        assertEquals(2, started.size());
        started.get(1).complete(1);
        assertEquals(1, answers.get(1).join());
        assertEquals(3, started.size());
        started.get(0).completeExceptionally(new IllegalStateException("it failed"));
        assertTrue(answers.get(0).isCompletedExceptionally());
        assertEquals(4, started.size());
        assertFalse(answers.get(3).isDone());
    }

    @Test
    void manyTurnsThatEndAtOnceDoNotOverflowTheStack() {
        List<CompletableFuture<Integer>> first = List.of(new CompletableFuture<>(), new CompletableFuture<>());
        first.forEach(answer -> turns.take(() -> answer));
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            answers.add(turns.take(() -> CompletableFuture.failedFuture(new IllegalStateException("at once"))));
        }
        first.get(0).complete(1);
        assertTrue(answers.stream().allMatch(CompletableFuture::isCompletedExceptionally));
        assertEquals(7, turns.take(() -> CompletableFuture.completedFuture(7)).join());
    }

    @Test
    void aStartThatFailsGivesItsTurnBack() {
        for (int i = 0; i < 5; i++) {
            assertTrue(turns.take(() -> {
                        throw new IllegalStateException("no");
                    })
                    .isCompletedExceptionally());
        }
    }
}
