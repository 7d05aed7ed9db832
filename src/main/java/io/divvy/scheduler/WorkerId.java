package io.divvy.scheduler;

/** Names one connection of a worker. A worker that reconnects gets another one, so its old answers are seen as such. */
public record WorkerId(long value) {
    @Override
    public String toString() {
        return "worker session " + value;
    }
}
