package io.divvy.rest;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One answer for all that ask for the same. It is made once at a time: who asks meanwhile gets the next one, which begins
 * after that and so shows all that was before the question, together with all others who wait for it.
 */
final class SharedAnswer<T> {
    private final Supplier<CompletableFuture<T>> maker;
    private @Nullable CompletableFuture<T> next;
    private boolean isBeingMade;

    SharedAnswer(Supplier<CompletableFuture<T>> maker) {
        this.maker = maker;
    }

    /** An answer whose making begins after this call. What is done with the future concerns nobody else. */
    CompletableFuture<T> ask() {
        CompletableFuture<T> asked;
        boolean begins;
        synchronized (this) {
            if (next == null) {
                next = new CompletableFuture<>();
            }
            asked = next.copy();
            begins = !isBeingMade;
            isBeingMade = true;
        }
        if (begins) {
            make();
        }
        return asked;
    }

    private void make() {
        CompletableFuture<T> answer;
        synchronized (this) {
            answer = next;
            next = null;
            isBeingMade = answer != null;
        }
        if (answer != null) {
            make(answer);
        }
    }

    private void make(CompletableFuture<T> answer) {
        begin().whenComplete((made, failure) -> {
            if (failure == null) {
                answer.complete(made);
            } else {
                answer.completeExceptionally(failure);
            }
            make();
        });
    }

    private CompletableFuture<T> begin() {
        try {
            return maker.get();
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
