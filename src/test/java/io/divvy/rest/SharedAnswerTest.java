package io.divvy.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** One answer for all that ask at once. */
class SharedAnswerTest {
    private final List<CompletableFuture<String>> made = new ArrayList<>();
    private final SharedAnswer<String> answers = new SharedAnswer<>(() -> {
        made.add(new CompletableFuture<>());
        return made.get(made.size() - 1);
    });

    @Test
    void allThatAskWhileOneIsMadeShareTheNextOne() {
        CompletableFuture<String> first = answers.ask();
        CompletableFuture<String> second = answers.ask();
        CompletableFuture<String> third = answers.ask();
        assertEquals(1, made.size(), "one at a time");
        made.get(0).complete("one");
        assertEquals("one", first.join());
        assertFalse(second.isDone(), "what was begun before it was asked may be too old");
        assertEquals(2, made.size());
        made.get(1).complete("two");
        assertEquals("two", second.join());
        assertEquals("two", third.join());
        assertEquals(2, made.size(), "nothing is made that nobody asked for");
        answers.ask();
        assertEquals(3, made.size());
    }

    @Test
    void aClientThatGivesUpConcernsNobodyElse() {
        CompletableFuture<String> impatient = answers.ask();
        CompletableFuture<String> other = answers.ask();
        CompletableFuture<String> another = answers.ask();
        impatient.cancel(false);
        other.cancel(false);
        made.get(0).complete("one");
        made.get(1).complete("two");
        assertEquals("two", another.join());
    }

    @Test
    void afterAFailureTheNextOneIsMade() {
        boolean[] fails = {true};
        SharedAnswer<String> fragile = new SharedAnswer<>(() -> {
            if (fails[0]) {
                throw new IllegalStateException("a mistake");
            }
            return CompletableFuture.completedFuture("well");
        });
        assertThrows(CompletionException.class, () -> fragile.ask().join());
        fails[0] = false;
        assertTrue(fragile.ask().isDone());
        assertEquals("well", fragile.ask().join());
    }
}
