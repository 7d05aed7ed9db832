package io.divvy.rest;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Lets so many answers be made at once and the others wait for their turn, first come, first served: what is read for an
 * answer takes memory until it is written out. No more wait than there are connections.
 */
final class Turns {
    private final int atOnce;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int underWay;

    Turns(int atOnce) {
        this.atOnce = atOnce;
    }

    /** What {@code start} gives, once it has its turn, which lasts until that is complete. */
    <T> CompletableFuture<T> take(Supplier<CompletableFuture<T>> start) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Runnable run = () -> start(start).whenComplete((value, failure) -> {
            next();
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        });
        synchronized (this) {
            if (underWay == atOnce) {
                waiting.add(run);
                return answer;
            }
            underWay++;
        }
        run.run();
        return answer;
    }

    private static <T> CompletableFuture<T> start(Supplier<CompletableFuture<T>> start) {
        try {
            return start.get();
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** A turn is over. */
    private void next() {
        Runnable next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                underWay--;
            }
        }
        if (next != null) {
            next.run();
        }
    }
}
