package io.divvy.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the server takes of its machine for each subtask, in some rounds; unknown if its process cannot be looked into. */
public final class ServerUse {
    private final @Nullable ServerProbe probe;
    private final List<Each> rounds = new ArrayList<>();
    private Duration processorTimeBefore = Duration.ZERO;
    private long allocatedBytesBefore;

    /**
     * Of one subtask.
     *
     * @param cpuMicros of all threads of the server's process, collections of its garbage included
     * @param allocatedBytes by the threads that live at the end
     */
    public record Each(double cpuMicros, double allocatedBytes) {}

    ServerUse(@Nullable ServerProbe probe) {
        this.probe = probe;
    }

    ServerUse begin() {
        if (probe != null) {
            processorTimeBefore = probe.processorTime();
            allocatedBytesBefore = probe.allocatedBytes();
        }
        return this;
    }

    /** Ends a round of so many subtasks. */
    ServerUse end(long subtasks) {
        if (probe != null) {
            double micros = probe.processorTime().minus(processorTimeBefore).toNanos() / 1e3;
            double bytes = probe.allocatedBytes() - allocatedBytesBefore;
            rounds.add(new Each(micros / subtasks, bytes / subtasks));
        }
        return this;
    }

    /** The medians of the rounds, or null if nothing is known. */
    @Nullable
    Each median() {
        return rounds.isEmpty()
                ? null
                : new Each(
                        Rounds.median(
                                rounds.stream().mapToDouble(Each::cpuMicros).toArray()),
                        Rounds.median(rounds.stream()
                                .mapToDouble(Each::allocatedBytes)
                                .toArray()));
    }
}
