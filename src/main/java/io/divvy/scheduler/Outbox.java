package io.divvy.scheduler;

import java.util.ArrayList;
import java.util.List;

/** The time of the turn that runs, and the effects that it led to so far. */
final class Outbox {
    private List<Effect> effects = new ArrayList<>();
    private long nowMs = Long.MIN_VALUE;

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

    void emit(Effect effect) {
        effects.add(effect);
    }

    void refuse(WorkerView worker, Problem.Kind kind, String message) {
        emit(new Effect.RefuseMessage(worker.id, Problem.of(kind, message)));
    }
}
