package io.divvy.scheduler;

import java.util.ArrayList;
import java.util.List;

/** The times of the turn that runs, and the effects that it led to so far. */
final class Outbox {
    private List<Effect> effects = new ArrayList<>();
    private long nowMs = Long.MIN_VALUE;
    private long lostMs;

    /** Time never runs backwards in the core, whatever the clock does. */
    void startTurn(long nowMs) {
        this.nowMs = Math.max(this.nowMs, nowMs);
    }

    List<Effect> endTurn() {
        List<Effect> turn = effects;
        effects = new ArrayList<>();
        return turn;
    }

    long nowMs() {
        return nowMs;
    }

    /** The time that peers had: the clock without what this process lost. By it goes what they owe. */
    long peerMs() {
        return nowMs - lostMs;
    }

    /** Time passed in which this process heard nobody. */
    void lose(long ms) {
        lostMs += ms;
    }

    void emit(Effect effect) {
        effects.add(effect);
    }

    void refuse(WorkerView worker, Refusal.Kind kind, String message) {
        emit(new Effect.RefuseMessage(worker.id, Refusal.of(kind, message)));
    }
}
