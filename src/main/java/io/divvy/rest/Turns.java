package io.divvy.rest;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many answers be made at once and the others wait for their turn, first come, first served: what is read for an
 * answer takes memory until it is written out. No more wait than there are connections.
 */
final class Turns {
    private final int atOnce;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int underWay;
    /** Whether a thread starts those whose turn it is. */
    private boolean isStarting;

    Turns(int atOnce) {
        this.atOnce = atOnce;
    }

    /** What {@code start} gives, once it has its turn, which lasts until that is complete. */
    <T> CompletableFuture<T> take(Supplier<CompletableFuture<T>> start) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Runnable run = () -> start(start).whenComplete((value, failure) -> {
            over();
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        });
        synchronized (this) {
            waiting.add(run);
        }
        runNext();
        return answer;
    }

    private static <T> CompletableFuture<T> start(Supplier<CompletableFuture<T>> start) {
        try {
            return start.get();
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void over() {
        synchronized (this) {
            underWay--;
        }
        runNext();
    }

    /**
     * Starts those whose turn it is. One thread does so at a time and goes on for the others, and for what ends at once: the
     * stack does not grow with those who wait.
     */
    private void runNext() {
        for (Runnable next = take(false); next != null; next = take(true)) {
            try {
                next.run();
            } catch (RuntimeException | Error e) {
                stopStarting();
                throw e;
            }
        }
    }

    private synchronized void stopStarting() {
        isStarting = false;
    }

    /** The next one to start; null if there is none now, or another thread sees to it. */
    private synchronized @Nullable Runnable take(boolean goesOn) {
        if (isStarting && !goesOn) {
            return null;
        }
        isStarting = underWay < atOnce && !waiting.isEmpty();
        if (!isStarting) {
            return null;
        }
        underWay++;
        return waiting.remove();
    }
}
